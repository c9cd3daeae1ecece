import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { retryDelayMs } from './connection/retry.ts';
import { currentSession, type Me, signOut } from './data/session.ts';
import { useLanguage } from './i18n/LanguageProvider.tsx';
import { SignIn } from './screens/SignIn.tsx';

const Duty = lazy(() => import('./screens/Duty.tsx'));

type Session = { status: 'asking'; failed: boolean } | { status: 'out'; expired: boolean } | { status: 'in'; me: Me };

export function App() {
  const { t } = useLanguage();
  const [session, setSession] = useState<Session>({ status: 'asking', failed: false });

  useEffect(() => {
    if (session.status !== 'asking') return;
    return askUntilAnswered(
      (me) => setSession(me === null ? { status: 'out', expired: false } : { status: 'in', me }),
      () => setSession((now) => (now.status === 'asking' && !now.failed ? { status: 'asking', failed: true } : now)),
    );
  }, [session.status]);

  const onExpired = useCallback(() => {
    // A refused connection alone does not end a shift: the session is gone only when the hub says so.
    currentSession().then(
      (me) => {
        if (me === null) setSession({ status: 'out', expired: true });
      },
      () => undefined,
    );
  }, []);
  const onSignOut = useCallback(() => {
    signOut()
      .catch(() => undefined)
      .finally(() => setSession({ status: 'out', expired: false }));
  }, []);

  switch (session.status) {
    case 'asking':
      return <p className="asking">{session.failed ? t('app.unreachable') : t('app.loading')}</p>;
    case 'out':
      return <SignIn expired={session.expired} onSignedIn={(me) => setSession({ status: 'in', me })} />;
    case 'in':
      return (
        <Suspense fallback={<p className="asking">{t('app.loading')}</p>}>
          <Duty me={session.me} onSignOut={onSignOut} onExpired={onExpired} />
        </Suspense>
      );
  }
}

/** The hub may be down when the page is opened; asking never gives up either. */
function askUntilAnswered(answered: (me: Me | null) => void, failed: () => void): () => void {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  const ask = () => {
    currentSession().then(
      (me) => {
        if (!stopped) answered(me);
      },
      () => {
        if (stopped) return;
        failed();
        timer = setTimeout(ask, retryDelayMs(++attempt, Math.random()));
      },
    );
  };
  ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
