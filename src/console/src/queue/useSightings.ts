import { useEffect, useRef } from 'react';
import type { Alarm } from '../data/alarms.ts';
import type { LiveQueue } from './liveQueue.ts';
import { annunciationKey } from './order.ts';

const BatchMs = 200;
const VisibleShare = 0.5;

/**
 * Tells the hub which alarms have really been painted on this screen.
 *
 * "Received" is not "shown": a row may be below the fold, the tab hidden, the window covered. A row counts when half of
 * it is in view, the document is visible, and a frame with it has been drawn (animation frames stop in a hidden tab).
 */
export function useSightings(live: LiveQueue) {
  const watch = useRef<SightingWatch | null>(null);
  watch.current ??= new SightingWatch((ids) => live.seen(ids));
  useEffect(() => watch.current?.start(), []);
  return watch.current.observe;
}

class SightingWatch {
  private readonly observer: IntersectionObserver;
  private readonly alarms = new Map<Element, Alarm>();
  private readonly inView = new Set<Element>();
  private readonly told = new Set<string>();
  private readonly batch = new Set<string>();
  private readonly tell: (ids: string[]) => void;

  constructor(tell: (ids: string[]) => void) {
    this.tell = tell;
    this.observer = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (entry.isIntersecting) this.inView.add(entry.target);
          else this.inView.delete(entry.target);
        }
        this.afterPaint();
      },
      { threshold: VisibleShare },
    );
  }

  readonly start = () => {
    const recheck = () => this.afterPaint();
    document.addEventListener('visibilitychange', recheck);
    return () => document.removeEventListener('visibilitychange', recheck);
  };

  readonly observe = (element: Element | null, alarm: Alarm) => {
    if (element === null) return undefined;
    this.alarms.set(element, alarm);
    this.observer.observe(element);
    // The same row may be due anew: the alarm has been annunciated again.
    if (this.inView.has(element)) this.afterPaint();
    return () => {
      this.observer.unobserve(element);
      this.alarms.delete(element);
    };
  };

  private afterPaint(): void {
    // The first frame draws, the second proves that the first one was presented.
    requestAnimationFrame(() => requestAnimationFrame(() => this.collect()));
  }

  private collect(): void {
    if (document.visibilityState !== 'visible') return;
    const wasEmpty = this.batch.size === 0;
    for (const element of this.inView) {
      const alarm = this.alarms.get(element);
      if (!alarm) {
        if (!element.isConnected) this.inView.delete(element);
        continue;
      }
      const key = annunciationKey(alarm);
      if (this.told.has(key)) continue;
      this.told.add(key);
      this.batch.add(alarm.id);
    }
    if (wasEmpty && this.batch.size > 0) setTimeout(() => this.flush(), BatchMs);
  }

  private flush(): void {
    this.tell([...this.batch]);
    this.batch.clear();
  }
}
