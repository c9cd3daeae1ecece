import { useLanguage } from '../i18n/LanguageProvider.tsx';
import type { Notice } from './useNotices.ts';

export function Notices({ notices, onDismiss }: { notices: readonly Notice[]; onDismiss: (id: number) => void }) {
  const { t } = useLanguage();
  return (
    <div className="notices" role="status">
      {notices.map((notice) => (
        <div key={notice.id} className={`notice ${notice.level}`}>
          <p>{notice.text}</p>
          <button type="button" aria-label={t('notice.dismiss')} onClick={() => onDismiss(notice.id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  );
}
