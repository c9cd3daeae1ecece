import { type RefObject, useEffect, useState } from 'react';
import { useLanguage } from '../i18n/LanguageProvider.tsx';

/** When more critical alarms are unclaimed than the zone can show, it says how many are below. */
export function PinnedOverflow({ list, count }: { list: RefObject<HTMLUListElement | null>; count: number }) {
  const { t } = useLanguage();
  const [below, setBelow] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list's content changes with the count
  useEffect(() => {
    const element = list.current;
    if (element === null) {
      setBelow(0);
      return;
    }
    const measure = () => setBelow(rowsBelow(element));
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [list, count]);
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

function rowsBelow(list: HTMLElement): number {
  const bottom = list.getBoundingClientRect().bottom;
  let below = 0;
  for (const row of list.children) {
    const box = row.getBoundingClientRect();
    if ((box.top + box.bottom) / 2 > bottom) below++;
  }
  return below;
}
