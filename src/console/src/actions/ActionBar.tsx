import type { Alarm } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { Kind } from '../queue/AlarmRow.tsx';
import { Marker } from '../queue/Marker.tsx';
import { personText, placeText } from '../queue/words.ts';
import { type ActionName, availableActions } from './available.ts';

interface Props {
  alarm: Alarm | null;
  me: string;
  onAction: (action: ActionName | 'silence') => void;
}

/** The actions, always in the same place. Closing stands apart: it is the one that ends everything. */
export function ActionBar({ alarm, me, onAction }: Props) {
  const { t, language } = useLanguage();
  const available = alarm === null ? new Set<ActionName>() : availableActions(alarm, me);
  const button = (action: ActionName, key: string | null, className = '') => (
    <button
      type="button"
      className={`action ${className}`}
      disabled={!available.has(action)}
      onClick={() => onAction(action)}
    >
      {t(`action.${action}`)} {key && <kbd>{key}</kbd>}
    </button>
  );
  return (
    <section className="action-bar" aria-label={t('action.label')}>
      <p className="action-target">
        {alarm === null ? (
          <span className="quiet">{t('detail.none')}</span>
        ) : (
          <>
            <Marker alarm={alarm} />
            <span>
              <Kind alarm={alarm} /> · {placeText(alarm, language)} · {personText(alarm, t)}
            </span>
          </>
        )}
      </p>
      {button('acknowledge', 'A', 'primary')}
      {button('claim', 'C', 'primary')}
      {available.has('takeOver') ? button('takeOver', null) : button('release', null)}
      <button type="button" className="action" onClick={() => onAction('silence')}>
        {t('action.silence')} <kbd>S</kbd>
      </button>
      {button('resolve', 'R', 'closing')}
    </section>
  );
}
