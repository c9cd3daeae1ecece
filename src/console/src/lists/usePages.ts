import { useCallback, useEffect, useRef, useState } from 'react';

interface Page<T, C> {
  items: T[];
  next: C | null;
}

/** Pages of a list that the hub hands out newest first. */
export function usePages<T, C>(load: (before: C | null) => Promise<Page<T, C>>) {
  const [items, setItems] = useState<readonly T[]>([]);
  const [next, setNext] = useState<C | null>(null);
  const [status, setStatus] = useState<'loading' | 'ready' | 'failed'>('loading');
  const busy = useRef(false);

  const more = useCallback(
    async (before: C | null) => {
      if (busy.current) return;
      busy.current = true;
      setStatus('loading');
      try {
        const page = await load(before);
        setItems((shown) => (before === null ? page.items : [...shown, ...page.items]));
        setNext(page.next);
        setStatus('ready');
      } catch {
        setStatus('failed');
      } finally {
        busy.current = false;
      }
    },
    [load],
  );
  useEffect(() => void more(null), [more]);
  return { items, next, status, more };
}
