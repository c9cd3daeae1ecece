import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { useTicking } from '../clock/ticker.ts';
import { recordSilence } from '../data/silences.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import type { Notify } from '../notices/useNotices.ts';
import { nearerDesk } from '../queue/audience.ts';
import type { LiveQueue } from '../queue/liveQueue.ts';
import { isUnacknowledged } from '../queue/order.ts';
import { linkLostKey, type Silence, SilenceSecondsMax, silenceNow, silenceSecondsLeft } from '../queue/silence.ts';
import { Annunciator } from '../sound/annunciator.ts';
import { watchAudio } from '../sound/audioWatch.ts';
import { SoundDesk } from '../sound/soundDesk.ts';
import { WebAudioOutput } from '../sound/webAudio.ts';
import { audioReport, offDuty, shiftBar, shiftReducer } from './shift.ts';
import { holdWebLock } from './webLock.ts';

const KeepAheadMs = 1_000;

/** The sound of one console: shift, test, silence, and the report to the hub whether it can be heard. */
export function useSound(live: LiveQueue, notify: Notify) {
  const { t } = useLanguage();
  const [shift, dispatch] = useReducer(shiftReducer, offDuty);
  const [silence, setSilenceState] = useState<Silence | null>(null);
  const silenceRef = useRef<Silence | null>(null);
  const testKey = useRef<string | null>(null);
  const output = useRef<WebAudioOutput | null>(null);

  const desk = useRef<SoundDesk>(null);
  desk.current ??= new SoundDesk(() => ({
    open: [...live.current().queue.open.values()],
    receivedMs: (key) => live.receivedMs(key),
    isWithNearerDesk: (alarm) => nearerDesk(alarm, live.current().desks) !== null,
    silence: silenceRef.current,
    lastHeardMs: live.lastHeardAtMs(),
    testKey: testKey.current,
  }));
  const sound = desk.current;

  useEffect(() => {
    const unlisten = live.listen({ changed: () => sound.refresh(), heard: () => sound.keepAhead() });
    const timer = setInterval(() => sound.keepAhead(), KeepAheadMs);
    return () => {
      unlisten();
      clearInterval(timer);
    };
  }, [live, sound]);

  const playTest = useCallback(() => {
    testKey.current = `test@${performance.now()}`;
    sound.refresh();
  }, [sound]);

  const bar = useTicking(() => shiftBar(shift, performance.now()));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the bar stands for the passing of the hour
  useEffect(() => live.reportAudio(audioReport(shift, performance.now())), [live, shift, bar]);

  const start = useCallback(() => {
    const context = new AudioContext({ latencyHint: 'interactive' });
    // Not awaited: without a working output it would never settle, and the watch has to start to say so.
    context.resume().catch(() => undefined);
    output.current = new WebAudioOutput(context);
    dispatch({ type: 'started' });
    sound.attach(new Annunciator(output.current), () => context.currentTime);
    playTest();
  }, [sound, playTest]);

  useEffect(() => {
    const context = output.current?.context;
    if (!shift.started || !context) return;
    const unwatch = watchAudio(context, (running) => dispatch({ type: 'audio', running }));
    const releaseLock = holdWebLock();
    // Headphones pulled out, a monitor with loudspeakers switched off: what was confirmed no longer holds (B3).
    const outputChanged = () => {
      dispatch({ type: 'output_changed' });
      playTest();
    };
    navigator.mediaDevices?.addEventListener('devicechange', outputChanged);
    return () => {
      unwatch();
      releaseLock();
      navigator.mediaDevices?.removeEventListener('devicechange', outputChanged);
      sound.detach();
      void context.close();
    };
  }, [shift.started, sound, playTest]);

  const retest = useCallback(() => {
    output.current?.context.resume().catch(() => undefined);
    dispatch({ type: 'output_changed' });
    playTest();
  }, [playTest]);

  const setSilence = useCallback(
    (next: Silence | null) => {
      silenceRef.current = next;
      setSilenceState(next);
      sound.refresh();
    },
    [sound],
  );

  const silenceAll = useCallback(() => {
    // Only what sounds: an alarm that comes here from a nearer desk in a minute has not been heard yet.
    const desks = live.trustedDesks();
    const open = [...live.current().queue.open.values()].filter(
      (alarm) => isUnacknowledged(alarm) && nearerDesk(alarm, desks) === null,
    );
    const lost = live.freshness() === 'lost';
    if (open.length === 0 && !lost) {
      notify('info', t('notice.nothingToSilence'));
      return;
    }
    setSilence(silenceNow(open, lost ? [linkLostKey(live.lastHeardAtMs())] : [], performance.now()));
    if (open.length === 0) return;
    recordSilence(
      open.map((alarm) => alarm.id),
      SilenceSecondsMax,
    ).catch(() => notify('refused', t('notice.silenceUnrecorded')));
  }, [live, notify, t, setSilence]);

  return {
    bar,
    start,
    retest,
    heard: () => dispatch({ type: 'heard', atMs: performance.now() }),
    notHeard: () => dispatch({ type: 'not_heard' }),
    silencedSeconds: useTicking(() => silenceSecondsLeft(silence, performance.now())),
    silenceAll,
    endSilence: () => setSilence(null),
  };
}

export type Sound = ReturnType<typeof useSound>;
