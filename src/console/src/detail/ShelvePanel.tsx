import { useState } from 'react';
import type { Actions } from '../actions/useActions.ts';
import type { Alarm } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { isQuiet } from '../queue/order.ts';

const MinuteChoices: readonly number[] = [30, 60, 120, 240, 480];

/** Shelving needs a reason and ends by itself; a critical alarm cannot be shelved, so there nothing is offered (L11). */
export function ShelvePanel({ alarm, actions }: { alarm: Alarm; actions: Actions }) {
  const { t } = useLanguage();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(60);
  if (alarm.priority === 'critical' || alarm.state === 'closed' || isQuiet(alarm)) return null;
  if (!open)
    return (
      <section className="card">
        <button type="button" className="action" onClick={() => setOpen(true)}>
          {t('shelve.open')}
        </button>
      </section>
    );
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (await actions.shelve(alarm, reason.trim(), minutes)) setOpen(false);
  };
  return (
    <form className="card shelve" onSubmit={submit}>
      <h3>{t('shelve.heading')}</h3>
      <p className="quiet">{t('shelve.explain', { device: alarm.device.name })}</p>
      <label className="field">
        {t('shelve.reason')}
        <input value={reason} required maxLength={500} onChange={(event) => setReason(event.target.value)} />
      </label>
      <label className="field">
        {t('shelve.time')}
        <select value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
          {MinuteChoices.map((each) => (
            <option key={each} value={each}>
              {t('time.minutes', { n: each })}
            </option>
          ))}
        </select>
      </label>
      <div className="dialog-actions">
        <button type="button" className="action" onClick={() => setOpen(false)}>
          {t('action.cancel')}
        </button>
        <button type="submit" className="action primary" disabled={reason.trim() === ''}>
          {t('shelve.submit')}
        </button>
      </div>
    </form>
  );
}
