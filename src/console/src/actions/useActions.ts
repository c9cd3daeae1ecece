import { useCallback, useRef } from 'react';
import type { ActionOutcome, Alarm, CarerStep, Disposition } from '../data/alarms.ts';
import * as api from '../data/alarms.ts';
import { shelve } from '../data/silences.ts';
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
    dispatch: (alarm: Alarm, to: string) => perform(alarm, () => api.dispatch(alarm, to)),
    handOver: (alarm: Alarm, to: string) => perform(alarm, () => api.handOver(alarm, to)),
    progress: (alarm: Alarm, step: CarerStep) => perform(alarm, () => api.progress(alarm, step)),
    /** Shelves the alarm's device for its kind: a silence with a reason and an end. */
    shelve: async (alarm: Alarm, reason: string, minutes: number): Promise<boolean> => {
      const code = await shelve(alarm, reason, minutes);
      if (code !== null)
        notify('refused', refusalText({ ok: false, code, owner: null, since: null, alarm: null }, t, language));
      return code === null;
    },
    addNote: (alarm: Alarm, note: string) => perform(alarm, () => api.addNote(alarm.id, note)),
  };
}

export type Actions = ReturnType<typeof useActions>;
