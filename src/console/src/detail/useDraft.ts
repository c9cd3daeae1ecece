import { useCallback, useSyncExternalStore } from 'react';
import { remembered } from '../theme/remembered.ts';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The note being written about one alarm (L7). It is kept in the browser per user and alarm, so that a reload, a
 * reconnect or somebody's take-over does not cost the operator what was just heard on the phone.
 */
export function useDraft(user: string, alarmId: string) {
  const name = `draft.${user}.${alarmId}`;
  const text = useSyncExternalStore(subscribe, () => remembered(name).read() ?? '');
  const write = useCallback(
    (next: string) => {
      remembered(name).write(next === '' ? null : next);
      for (const listener of listeners) listener();
    },
    [name],
  );
  const discard = useCallback(() => write(''), [write]);
  return [text, write, discard] as const;
}
