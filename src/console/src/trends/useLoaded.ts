import { useCallback, useEffect, useState } from 'react';

export interface Loaded<T> {
  value: T | null;
  failed: boolean;
  retry: () => void;
}

/**
 * Loads something when its key changes and again every so often. What is on the screen stays while it is refreshed, but
 * never under another key.
 */
export function useLoaded<T>(key: string, load: () => Promise<T>, everyMs: number | null): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | null; failed: boolean }>({
    key,
    value: null,
    failed: false,
  });
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is loaded; a round asks for it again
  useEffect(() => {
    let superseded = false;
    load().then(
      (value) => {
        if (!superseded) setState({ key, value, failed: false });
      },
      () => {
        if (!superseded) setState((before) => ({ key, value: before.key === key ? before.value : null, failed: true }));
      },
    );
    const timer = everyMs === null ? undefined : setTimeout(() => setRound((n) => n + 1), everyMs);
    return () => {
      superseded = true;
      clearTimeout(timer);
    };
  }, [key, round, everyMs]);
  const retry = useCallback(() => setRound((n) => n + 1), []);
  const current = state.key === key ? state : { value: null, failed: false };
  return { value: current.value, failed: current.failed, retry };
}
