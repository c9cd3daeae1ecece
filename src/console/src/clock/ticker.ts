import { useSyncExternalStore } from 'react';

const TickMs = 250;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, TickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** A value that depends on the time. The component renders anew only when the value differs, not on each tick. */
export function useTicking<T extends string | number | boolean | null>(compute: () => T): T {
  return useSyncExternalStore(subscribe, compute);
}
