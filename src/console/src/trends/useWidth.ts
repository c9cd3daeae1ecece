import { useLayoutEffect, useRef, useState } from 'react';

const WidthBefore = 600;

/** The width of an element, as it changes. */
export function useWidth() {
  const frame = useRef<HTMLDivElement | null>(null);
  const [width, setWidth] = useState(WidthBefore);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => setWidth(Math.max(200, Math.floor(element.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
