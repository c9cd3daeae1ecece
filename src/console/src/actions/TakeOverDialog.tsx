import { useState } from 'react';
import type { Alarm } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { Dialog } from './Dialog.tsx';

interface Props {
  alarm: Alarm;
  onSubmit: (reason: string) => Promise<boolean>;
  onClose: () => void;
}

/** Taking an alarm out of somebody's hands is an act of its own, with a reason. */
export function TakeOverDialog({ alarm, onSubmit, onClose }: Props) {
  const { t } = useLanguage();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const done = await onSubmit(reason.trim());
    setBusy(false);
    if (done) onClose();
  };

  return (
    <Dialog heading={t('takeOver.heading')} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{t('takeOver.explain', { name: alarm.claimedBy?.name ?? '?' })}</p>
        <label className="field">
          {t('takeOver.reason')}
          <input value={reason} required onChange={(event) => setReason(event.target.value)} />
        </label>
        <div className="dialog-actions">
          <button type="button" className="action" onClick={onClose}>
            {t('action.cancel')}
          </button>
          <button type="submit" className="action primary" disabled={busy || reason.trim() === ''}>
            {t('takeOver.submit')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
