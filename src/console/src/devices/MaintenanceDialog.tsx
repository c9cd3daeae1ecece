import { useState } from 'react';
import { Dialog } from '../actions/Dialog.tsx';
import type { Device } from '../data/devices.ts';
import { Problem } from '../data/http.ts';
import { beginMaintenance, type MaintenanceMode } from '../data/silences.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { ageText } from '../i18n/time.ts';
import type { Notify } from '../notices/useNotices.ts';

const Minutes: Readonly<Record<MaintenanceMode, readonly number[]>> = {
  walk_test: [15, 30, 60, 120, 240],
  out_of_service: [60, 480, 1_440, 10_080],
};

interface Props {
  mode: MaintenanceMode;
  device: Device;
  notify: Notify;
  onClose: () => void;
}

/** Work on a device begins with a reason and an end, so that it cannot stay quiet because somebody forgot it. */
export function MaintenanceDialog({ mode, device, notify, onClose }: Props) {
  const { t } = useLanguage();
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(60);
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    try {
      await beginMaintenance(device.siteId, mode, device.id, reason.trim(), minutes);
      onClose();
    } catch (error) {
      notify('refused', t('devices.failed', { code: error instanceof Problem ? error.code : 'unknown' }));
    }
  };
  return (
    <Dialog heading={`${t(`quiet.${mode}`)} · ${device.id}`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{t(`quiet.explain.${mode}`)}</p>
        <label className="field">
          {t('shelve.reason')}
          <input value={reason} required maxLength={2000} onChange={(event) => setReason(event.target.value)} />
        </label>
        <label className="field">
          {t('shelve.time')}
          <select value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
            {Minutes[mode].map((each) => (
              <option key={each} value={each}>
                {ageText(each * 60_000, t)}
              </option>
            ))}
          </select>
        </label>
        <div className="dialog-actions">
          <button type="button" className="action" onClick={onClose}>
            {t('action.cancel')}
          </button>
          <button type="submit" className="action primary" disabled={reason.trim() === ''}>
            {t('quiet.begin')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
