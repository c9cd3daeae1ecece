import { useLanguage } from '../i18n/LanguageProvider.tsx';

interface Props {
  status: 'loading' | 'ready' | 'failed';
  empty: string | null;
  onMore: (() => void) | null;
  onRetry: () => void;
}

export function PageFooter({ status, empty, onMore, onRetry }: Props) {
  const { t } = useLanguage();
  if (status === 'loading') return <p className="quiet">{t('app.loading')}</p>;
  if (status === 'failed')
    return (
      <p role="alert">
        {t('list.failed')}{' '}
        <button type="button" className="action" onClick={onRetry}>
          {t('detail.retry')}
        </button>
      </p>
    );
  if (empty !== null) return <p className="quiet">{empty}</p>;
  return onMore === null ? null : (
    <button type="button" className="action" onClick={onMore}>
      {t('closed.more')}
    </button>
  );
}
