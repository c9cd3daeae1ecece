import { useCallback, useRef } from 'react';
import type { ActionOutcome, Alarm, Disposition } from '../data/alarms.ts';
import * as api from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import type { Notify } from '../notices/useNotices.ts';
import type { LiveQueue } from '../queue/liveQueue.ts';
import { refusalText } from './refusals.ts';

/** The operator's actions: each names the alarm and version on the screen, and tells what came of it. */
export function useActions(live: LiveQueue, notify: Notify) {
  const { t, language } = useLanguage();
  const running = useRef(new Map<string, Promise<unknown>>());

  const perform = useCallback(
    async (alarm: Alarm, action: () => Promise<ActionOutcome>): Promise<boolean> => {
      // "A" and "C" in one breath: the second waits for the first, neither is lost.
      const turn = (running.current.get(alarm.id) ?? Promise.resolve()).then(action);
      running.current.set(alarm.id, turn);
      const outcome = await turn;
      if (running.current.get(alarm.id) === turn) running.current.delete(alarm.id);
      if (outcome.alarm !== null) live.applyAnswer(outcome.alarm);
      if (!outcome.ok) notify('refused', refusalText(outcome, t, language));
      return outcome.ok;
    },
    [live, notify, t, language],
  );

  return {
    acknowledge: (alarm: Alarm) => perform(alarm, () => api.acknowledge(alarm)),
    claim: (alarm: Alarm) => perform(alarm, () => api.claim(alarm)),
    takeOver: (alarm: Alarm, reason: string) => perform(alarm, () => api.takeOver(alarm, reason)),
    release: (alarm: Alarm) => perform(alarm, () => api.release(alarm)),
    resolve: (alarm: Alarm, disposition: Disposition, note: string) =>
      perform(alarm, () => api.resolve(alarm, disposition, note)),
    addNote: (alarm: Alarm, note: string) => perform(alarm, () => api.addNote(alarm.id, note)),
  };
}

export type Actions = ReturnType<typeof useActions>;
