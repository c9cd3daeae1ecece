import type { Alarm } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { Lamps, lampCounts } from './fireStrip.ts';

export function FireStrip({ open }: { open: ReadonlyMap<string, Alarm> }) {
  const { t } = useLanguage();
  const counts = lampCounts(open.values());
  return (
    <ul className="fire-strip" aria-label={t('strip.label')}>
      {Lamps.map((lamp) => {
        const count = counts[lamp];
        return (
          <li key={lamp} className={count === null ? 'lamp inactive' : count > 0 ? `lamp lit ${lamp}` : 'lamp'}>
            <span className="lamp-light" aria-hidden="true" />
            {t(`strip.${lamp}`)}{' '}
            <span className="digits">
              {count === null ? t('strip.noSource') : count > 0 ? count : t('strip.normal')}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
