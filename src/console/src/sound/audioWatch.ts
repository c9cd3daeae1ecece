/** Sees what an AudioContext does not always say by itself: stopped, interrupted, or running with a clock that stands. */
export interface WatchedContext {
  readonly state: string;
  readonly currentTime: number;
  addEventListener(type: 'statechange', listener: () => void): void;
  removeEventListener(type: 'statechange', listener: () => void): void;
  resume(): Promise<void>;
}

export const AudioCheckMs = 5_000;

/** Reports on every `statechange` and every 5 s, so that a failure shows within 6 s (B2). */
export function watchAudio(context: WatchedContext, report: (ok: boolean) => void): () => void {
  let lastTimeS = context.currentTime;
  const check = () => {
    const advances = context.currentTime > lastTimeS;
    lastTimeS = context.currentTime;
    report(context.state === 'running' && advances);
  };
  const onStateChange = () => {
    if (context.state !== 'running') {
      report(false);
      // Often only the output device went away; a refusal is seen by the next check.
      context.resume().catch(() => undefined);
    } else report(true);
  };
  context.addEventListener('statechange', onStateChange);
  const timer = setInterval(check, AudioCheckMs);
  return () => {
    clearInterval(timer);
    context.removeEventListener('statechange', onStateChange);
  };
}
