import { useCallback, useEffect, useState } from 'react';
import { type AlarmDetail, getAlarm } from '../data/alarms.ts';

export type DetailState =
  | { status: 'loading'; previous: AlarmDetail | null }
  | { status: 'ready'; detail: AlarmDetail }
  | { status: 'failed'; previous: AlarmDetail | null };

/** The card of one alarm, loaded anew when the alarm has changed so that the timeline keeps up. */
export function useAlarmDetail(id: string, version: number) {
  const [state, setState] = useState<DetailState>({ status: 'loading', previous: null });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version or attempt asks for the card again
  useEffect(() => {
    let superseded = false;
    setState((before) => ({ status: 'loading', previous: shownOf(before, id) }));
    getAlarm(id).then(
      (detail) => {
        if (!superseded) setState({ status: 'ready', detail });
      },
      () => {
        if (!superseded) setState((before) => ({ status: 'failed', previous: shownOf(before, id) }));
      },
    );
    return () => {
      superseded = true;
    };
  }, [id, version, attempt]);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  return { state, detail: shownOf(state, id), retry };
}

/** What is on the screen stays there while it is refreshed, but never under another alarm's heading. */
function shownOf(state: DetailState, id: string): AlarmDetail | null {
  const detail = state.status === 'ready' ? state.detail : state.previous;
  return detail?.id === id ? detail : null;
}
