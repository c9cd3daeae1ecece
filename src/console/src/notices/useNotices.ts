import { useCallback, useEffect, useRef, useState } from 'react';

export interface Notice {
  readonly id: number;
  readonly level: 'info' | 'refused';
  readonly text: string;
}

const ShownMs = 10_000;
const NoticesMax = 5;

/** Short messages at the edge of the screen; they take no focus and move nothing. */
export function useNotices() {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const nextId = useRef(1);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());

  const dismiss = useCallback((id: number) => setNotices((shown) => shown.filter((notice) => notice.id !== id)), []);
  const notify = useCallback(
    (level: Notice['level'], text: string) => {
      const id = nextId.current++;
      setNotices((shown) =>
        [...shown.filter((notice) => notice.text !== text), { id, level, text }].slice(-NoticesMax),
      );
      const timer = setTimeout(() => {
        timers.current.delete(timer);
        dismiss(id);
      }, ShownMs);
      timers.current.add(timer);
    },
    [dismiss],
  );
  useEffect(() => {
    const pending = timers.current;
    return () => pending.forEach(clearTimeout);
  }, []);
  return { notices, notify, dismiss };
}

export type Notify = ReturnType<typeof useNotices>['notify'];
