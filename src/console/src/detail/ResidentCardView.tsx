import type { AlarmDetail } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { wireWord } from '../i18n/translate.ts';
import { personText } from '../queue/words.ts';
import { Fact } from './Fact.tsx';

export function ResidentCardView({ detail }: { detail: AlarmDetail }) {
  const { t, language } = useLanguage();
  const card = detail.residentCard;
  if (card === null) {
    return (
      <section className="card">
        <h3>{t('detail.resident')}</h3>
        <p className="quiet">{t('detail.noResident')}</p>
      </section>
    );
  }
  // "Lives alone" has a place of its own, so the flags do not say it twice.
  const flags = card.riskFlags.filter((flag) => flag !== 'lives_alone');
  return (
    <section className="card">
      <h3>{personText(detail, t)}</h3>
      <dl className="facts two-columns">
        <Fact label={t('detail.careLevel')}>{card.careLevel}</Fact>
        <Fact label={t('detail.flags')}>
          {[
            card.livesAlone ? t('detail.livesAlone') : t('detail.notAlone'),
            ...flags.map((flag) => wireWord(language, 'flag', flag)),
          ].join(' · ')}
        </Fact>
        <Fact label={t('detail.allergies')} strong={card.allergies !== null}>
          {card.allergies}
        </Fact>
        <Fact label={t('detail.medication')}>{card.medication}</Fact>
        <Fact label={t('detail.medicalNotes')}>{card.medicalNotes}</Fact>
        <Fact label={t('detail.keySafe')} strong={card.keySafe !== null}>
          {card.keySafe}
        </Fact>
      </dl>
    </section>
  );
}
