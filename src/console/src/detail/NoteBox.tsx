import { useState } from 'react';
import type { Alarm } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { useDraft } from './useDraft.ts';

interface Props {
  alarm: Alarm;
  me: string;
  onSave: (note: string) => Promise<boolean>;
}

export function NoteBox({ alarm, me, onSave }: Props) {
  const { t } = useLanguage();
  const [text, setText, discard] = useDraft(me, alarm.id);
  const [busy, setBusy] = useState(false);

  const save = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const saved = await onSave(text.trim());
    setBusy(false);
    if (saved) discard();
  };

  return (
    <form className="card note-box" onSubmit={save}>
      <label className="field">
        {t('note.label')}
        <textarea
          rows={3}
          value={text}
          placeholder={t('note.placeholder')}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button type="submit" className="action" disabled={busy || text.trim() === ''}>
        {t('note.save')}
      </button>
    </form>
  );
}
