import { useState } from 'react';
import { type Alarm, type Disposition, Dispositions } from '../data/alarms.ts';
import { useDraft } from '../detail/useDraft.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { Kind } from '../queue/AlarmRow.tsx';
import { placeText } from '../queue/words.ts';
import { Dialog } from './Dialog.tsx';

interface Props {
  alarm: Alarm;
  me: string;
  onSubmit: (disposition: Disposition, note: string) => Promise<boolean>;
  onClose: () => void;
}

/** Closing needs an outcome; nothing is chosen beforehand, so that no outcome is a slip. */
export function ResolveDialog({ alarm, me, onSubmit, onClose }: Props) {
  const { t, language } = useLanguage();
  const [disposition, setDisposition] = useState<Disposition | null>(null);
  const [note, setNote, discardDraft] = useDraft(me, alarm.id);
  const [busy, setBusy] = useState(false);

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (disposition === null) return;
    setBusy(true);
    const done = await onSubmit(disposition, note.trim());
    setBusy(false);
    if (!done) return;
    discardDraft();
    onClose();
  };

  return (
    <Dialog heading={t('resolve.heading')} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          <Kind alarm={alarm} /> · {placeText(alarm, language)} · {alarm.resident?.name ?? t('person.none')}
        </p>
        <fieldset className="dispositions">
          <legend>{t('resolve.disposition')}</legend>
          {Dispositions.map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="disposition"
                value={each}
                required
                checked={disposition === each}
                onChange={() => setDisposition(each)}
              />
              {t(`disposition.${each}`)}
            </label>
          ))}
        </fieldset>
        <label className="field">
          {t('resolve.note')}
          <textarea rows={3} value={note} onChange={(event) => setNote(event.target.value)} />
        </label>
        <div className="dialog-actions">
          <button type="button" className="action" onClick={onClose}>
            {t('action.cancel')}
          </button>
          <button type="submit" className="action closing" disabled={busy || disposition === null}>
            {t('resolve.submit')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
