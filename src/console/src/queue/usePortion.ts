import { type RefObject, useEffect, useRef, useState } from 'react';

export const PortionRows = 60;
/** The rest of a portion is made when the end of what there is comes this near. */
const AheadPx = 800;

/** How many rows to draw so that the one at `neededIndex` and its neighbours are among them. */
export const portionFor = (rows: number, neededIndex: number): number =>
  neededIndex + PortionRows / 2 <= rows ? rows : (Math.floor(neededIndex / PortionRows) + 2) * PortionRows;

export interface Portion {
  readonly shown: readonly string[];
  /** Stands behind the last row that is drawn; in view it brings the next ones. */
  readonly end: RefObject<HTMLLIElement | null>;
}

/**
 * A storm may bring ten thousand rows, and a browser that draws them all answers to no key. So a list is drawn as far as
 * somebody has scrolled, in portions; nothing is left out, and what is below is counted.
 */
export function usePortion(ids: readonly string[], neededIndex: number): Portion {
  const [rows, setRows] = useState(PortionRows);
  const end = useRef<HTMLLIElement>(null);
  const needed = portionFor(rows, neededIndex);
  if (needed > rows) setRows(needed);
  // A list that has become short begins anew.
  else if (rows > PortionRows && ids.length <= PortionRows) setRows(PortionRows);

  const more = ids.length > rows;
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each portion the end is elsewhere, and may still be in view
  useEffect(() => {
    if (!more || end.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setRows((before) => before + PortionRows);
      },
      { root: end.current.closest('.rows'), rootMargin: `${AheadPx}px 0px` },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [more, rows]);
  return { shown: more ? ids.slice(0, rows) : ids, end };
}
