import { remembered } from './remembered.ts';

export type Theme = 'auto' | 'light' | 'dark';

const memory = remembered('theme');

export const storedTheme = (): Theme => {
  const value = memory.read();
  return value === 'light' || value === 'dark' ? value : 'auto';
};

export function applyTheme(theme: Theme): void {
  memory.write(theme === 'auto' ? null : theme);
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export const nextTheme = (theme: Theme): Theme => (theme === 'auto' ? 'light' : theme === 'light' ? 'dark' : 'auto');
