import { useCallback, useEffect, useReducer } from 'react';
import { type Filter, matchesFilter } from '../queue/filters.ts';
import { emptyLayoutState, layoutReducer } from '../queue/layoutReducer.ts';
import type { LiveView } from '../queue/liveQueue.ts';

const TickMs = 500;

/** The layout of the queue on this screen, driven by the queue, the filter, the hands and the time. */
export function useQueueLayout(view: LiveView, filter: Filter, me: string) {
  const [state, dispatch] = useReducer(layoutReducer, emptyLayoutState);
  const { open, closed } = view.queue;
  // While it renders, not in an effect after it: a change of the queue is drawn once, and a storm of changes is no chain of updates.
  if (state.open !== open || state.closed !== closed)
    dispatch({ type: 'queue', open, closed, nowMs: performance.now() });
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
