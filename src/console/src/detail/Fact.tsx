import type { ReactNode } from 'react';
import { useLanguage } from '../i18n/LanguageProvider.tsx';

/** One labelled fact. What is not registered says so: an empty place would leave a doubt. */
export function Fact({ label, children, strong = false }: { label: string; children: ReactNode; strong?: boolean }) {
  const { t } = useLanguage();
  const missing = children === null || children === undefined || children === '';
  return (
    <div className={`fact${strong ? ' strong' : ''}`}>
      <dt>{label}</dt>
      <dd className={missing ? 'missing' : undefined}>{missing ? t('detail.unknown') : children}</dd>
    </div>
  );
}
