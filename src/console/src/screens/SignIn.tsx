import { useState } from 'react';
import { Problem } from '../data/http.ts';
import { type Me, signIn } from '../data/session.ts';
import { ThemeSwitch } from '../duty/TopBar.tsx';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import type { TextKey } from '../i18n/translate.ts';

type Failure = Extract<TextKey, 'signIn.failed' | 'signIn.lockedOut' | 'signIn.unreachable' | 'signIn.expired'>;

interface Props {
  expired: boolean;
  onSignedIn: (me: Me) => void;
}

export function SignIn({ expired, onSignedIn }: Props) {
  const { t, language, setLanguage } = useLanguage();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(expired ? 'signIn.expired' : null);

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      onSignedIn(await signIn(user, password));
    } catch (error) {
      setFailure(failureOf(error));
      setBusy(false);
    }
  };

  return (
    <div className="sign-in">
      <main>
        <p className="brand">CareHub</p>
        <p className="quiet">{t('signIn.purpose')}</p>
        <form onSubmit={submit}>
          <h1>{t('signIn.heading')}</h1>
          <label className="field">
            {t('signIn.user')}
            <input
              name="user"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              value={user}
              onChange={(event) => setUser(event.target.value)}
            />
          </label>
          <label className="field">
            {t('signIn.password')}
            <input
              name="password"
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </label>
          <p className="failure" role="alert">
            {failure === null ? '' : `▲ ${t(failure)}`}
          </p>
          <button type="submit" className="action primary" disabled={busy}>
            {t('signIn.submit')}
          </button>
        </form>
        <div className="switches">
          <button
            type="button"
            lang={language === 'en' ? 'zh-CN' : 'en'}
            onClick={() => setLanguage(language === 'en' ? 'zh-CN' : 'en')}
          >
            {t('top.language')}
          </button>
          <ThemeSwitch />
        </div>
      </main>
    </div>
  );
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Problem)) return 'signIn.unreachable';
  if (error.code === 'locked_out') return 'signIn.lockedOut';
  return error.status === 401 ? 'signIn.failed' : 'signIn.unreachable';
}
