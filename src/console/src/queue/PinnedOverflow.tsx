import { type RefObject, useEffect, useRef, useState } from 'react';
import { useLanguage } from '../i18n/LanguageProvider.tsx';

/** When more critical alarms are unclaimed than the zone can show, it says how many are below. */
export function PinnedOverflow({ list, count }: { list: RefObject<HTMLUListElement | null>; count: number }) {
  const { t } = useLanguage();
  const [below, setBelow] = useState(0);
  const latest = useRef(count);
  const empty = count === 0;
  // Measured once a frame, whatever happens in it: measuring at each change of a storm would have each wait for a layout of all.
  const frame = useRef(0);
  const measure = useRef(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => setBelow(rowsBelow(list.current, latest.current)));
  });
  useEffect(() => {
    latest.current = count;
    measure.current();
  }, [count]);
  useEffect(() => {
    const element = list.current;
    if (empty || element === null) return;
    const again = () => measure.current();
    const resized = new ResizeObserver(again);
    resized.observe(element);
    element.addEventListener('scroll', again, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', again);
    };
  }, [list, empty]);
  if (below === 0) return null;
  return (
    <button
      type="button"
      className="more-below"
      onClick={() => list.current?.scrollBy({ top: list.current.clientHeight })}
    >
      ▼ {t('queue.pinned.more', { count: below })}
    </button>
  );
}

/** Of `count` rows those that are not in view or above it; not all of them need have been drawn. */
function rowsBelow(list: HTMLElement | null, count: number): number {
  if (list === null) return 0;
  const bottom = list.getBoundingClientRect().bottom;
  let inView = 0;
  for (const row of list.querySelectorAll('[data-alarm-id]')) {
    const box = row.getBoundingClientRect();
    if ((box.top + box.bottom) / 2 <= bottom) inView++;
  }
  return Math.max(0, count - inView);
}
