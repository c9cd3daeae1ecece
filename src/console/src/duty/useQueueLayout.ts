import { useCallback, useEffect, useReducer } from 'react';
import { type Filter, matchesFilter } from '../queue/filters.ts';
import { emptyLayoutState, layoutReducer } from '../queue/layoutReducer.ts';
import type { LiveView } from '../queue/liveQueue.ts';

const TickMs = 500;

/** The layout of the queue on this screen, driven by the queue, the filter, the hands and the time. */
export function useQueueLayout(view: LiveView, filter: Filter, me: string) {
  const [state, dispatch] = useReducer(layoutReducer, emptyLayoutState);
  const { open, closed } = view.queue;
  useEffect(() => dispatch({ type: 'queue', open, closed, nowMs: performance.now() }), [open, closed]);
  useEffect(
    () => dispatch({ type: 'filter', matches: matchesFilter(filter, me), nowMs: performance.now() }),
    [filter, me],
  );
  useEffect(() => {
    const timer = setInterval(() => dispatch({ type: 'tick', nowMs: performance.now() }), TickMs);
    return () => clearInterval(timer);
  }, []);
  return [state, useCallback(dispatch, [])] as const;
}
