/** A page that holds a lock is not frozen by the browser (B5). Shared, so that a second tab may hold it too. */
export function holdWebLock(): () => void {
  // Only secure contexts have locks; over plain HTTP from another machine the console works without.
  if (!('locks' in navigator)) return () => undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  navigator.locks.request('carehub-shift', { mode: 'shared' }, () => promise).catch(() => undefined);
  return resolve;
}
