/** A choice kept in this browser. Where storage is refused the choice lasts as long as the page. */
export function remembered(name: string) {
  const key = `carehub.${name}`;
  return {
    read(): string | null {
      try {
        return localStorage.getItem(key);
      } catch {
        return null;
      }
    },
    write(value: string | null): void {
      try {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, value);
      } catch {
        // Storage is full or switched off; nothing depends on it.
      }
    },
  };
}
