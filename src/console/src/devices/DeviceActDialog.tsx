import { useState } from 'react';
import { Dialog } from '../actions/Dialog.tsx';
import {
  createClaimCode,
  type Device,
  disableDevice,
  enableDevice,
  type IssuedClaimCode,
  rotateSecret,
} from '../data/devices.ts';
import { Problem } from '../data/http.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { dateTimeText } from '../i18n/time.ts';
import type { Notify } from '../notices/useNotices.ts';

export type DeviceAct = 'disable' | 'enable' | 'rotate' | 'claim';

interface Props {
  act: DeviceAct;
  device: Device;
  notify: Notify;
  onClose: () => void;
}

/** Asks why, does it, and shows what is told only once. */
export function DeviceActDialog({ act, device, notify, onClose }: Props) {
  const { t } = useLanguage();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [code, setCode] = useState<IssuedClaimCode | null>(null);

  const perform = async () => {
    if (act === 'rotate') setSecret((await rotateSecret(device.id, reason)).secret);
    else if (act === 'claim') setCode(await createClaimCode(device.id, reason));
    else {
      await (act === 'disable' ? disableDevice : enableDevice)(device.id, reason);
      onClose();
    }
  };
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await perform();
    } catch (error) {
      notify('refused', t('devices.failed', { code: error instanceof Problem ? error.code : 'unknown' }));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog heading={`${t(`devices.do.${act}`)} · ${device.id}`} onClose={onClose}>
      {secret !== null && (
        <>
          <p>{t('devices.secret.once')}</p>
          <p className="told-once">
            <code>{secret}</code>
          </p>
          <Done onClose={onClose} />
        </>
      )}
      {code !== null && <ClaimSlip code={code} device={device} onClose={onClose} />}
      {secret === null && code === null && (
        <form onSubmit={submit}>
          <p>{t(`devices.explain.${act}`)}</p>
          <label className="field">
            {t('devices.why')}
            <input value={reason} required maxLength={2000} onChange={(event) => setReason(event.target.value)} />
          </label>
          <div className="dialog-actions">
            <button type="button" className="action" onClick={onClose}>
              {t('action.cancel')}
            </button>
            <button type="submit" className="action primary" disabled={busy || reason.trim() === ''}>
              {t(`devices.do.${act}`)}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** What is printed and goes with the device to the installer. */
function ClaimSlip({ code, device, onClose }: { code: IssuedClaimCode; device: Device; onClose: () => void }) {
  const { t, language } = useLanguage();
  return (
    <>
      <div className="claim-slip">
        <img alt={code.url} src={`data:image/svg+xml,${encodeURIComponent(code.svg)}`} />
        <p className="told-once">
          <code>{code.code}</code>
        </p>
        <p>{[device.id, device.name, device.place ?? device.siteName].filter((part) => part !== null).join(' · ')}</p>
        <p className="quiet">{t('devices.code.until', { time: dateTimeText(code.expiresAt, language) })}</p>
      </div>
      <Done onClose={onClose}>
        <button type="button" className="action" onClick={() => window.print()}>
          {t('devices.print')}
        </button>
      </Done>
    </>
  );
}

function Done({ onClose, children }: { onClose: () => void; children?: React.ReactNode }) {
  const { t } = useLanguage();
  return (
    <div className="dialog-actions">
      {children}
      <button type="button" className="action primary" onClick={onClose}>
        {t('devices.close')}
      </button>
    </div>
  );
}
