import { useCallback, useDeferredValue, useState } from 'react';
import { type Device, listDevices } from '../data/devices.ts';
import type { Me } from '../data/session.ts';
import type { MaintenanceMode } from '../data/silences.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { dateTimeText } from '../i18n/time.ts';
import { wireWord } from '../i18n/translate.ts';
import { PageFooter } from '../lists/PageFooter.tsx';
import { usePages } from '../lists/usePages.ts';
import type { Notify } from '../notices/useNotices.ts';
import { trendsHash } from '../trends/subject.ts';
import { type DeviceAct, DeviceActDialog } from './DeviceActDialog.tsx';
import { MaintenanceDialog } from './MaintenanceDialog.tsx';
import { StandingSilences } from './StandingSilences.tsx';

/** Every device of the region: is it there, may it connect, and the acts on its identity for an administrator. */
export function DevicesPage({ me, notify }: { me: Me; notify: Notify }) {
  const { t } = useLanguage();
  const [search, setSearch] = useState('');
  const asked = useDeferredValue(search);
  return (
    <section className="page" aria-labelledby="devices-heading">
      <h2 id="devices-heading">{t('devices.heading')}</h2>
      <label className="field device-search">
        {t('devices.search')}
        <input type="search" value={search} maxLength={100} onChange={(event) => setSearch(event.target.value)} />
      </label>
      <StandingSilences notify={notify} />
      <DeviceTable key={asked} search={asked} mayChange={me.role === 'administrator'} notify={notify} />
    </section>
  );
}

interface TableProps {
  search: string;
  mayChange: boolean;
  notify: Notify;
}

function DeviceTable({ search, mayChange, notify }: TableProps) {
  const { t } = useLanguage();
  const load = useCallback((after: string | null) => listDevices(search, after), [search]);
  const { items, next, status, more } = usePages(load);
  const [act, setAct] = useState<{ act: DeviceAct; device: Device } | null>(null);
  const [work, setWork] = useState<{ mode: MaintenanceMode; device: Device } | null>(null);
  return (
    <>
      {items.length > 0 && (
        <table className="devices">
          <thead>
            <tr>
              <th scope="col">{t('devices.id')}</th>
              <th scope="col">{t('devices.place')}</th>
              <th scope="col">{t('devices.heard')}</th>
              <th scope="col">{t('devices.state')}</th>
              <th scope="col">{t('devices.actions')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((device) => (
              <DeviceRow
                key={device.id}
                device={device}
                onAct={mayChange ? (chosen) => setAct({ act: chosen, device }) : null}
                onWork={(mode) => setWork({ mode, device })}
              />
            ))}
          </tbody>
        </table>
      )}
      <PageFooter
        status={status}
        empty={items.length === 0 ? t('devices.none') : null}
        onMore={next === null ? null : () => void more(next)}
        onRetry={() => void more(null)}
      />
      {work !== null && <MaintenanceDialog {...work} notify={notify} onClose={() => setWork(null)} />}
      {act !== null && (
        <DeviceActDialog
          {...act}
          notify={notify}
          onClose={() => {
            setAct(null);
            void more(null);
          }}
        />
      )}
    </>
  );
}

interface RowProps {
  device: Device;
  /** Null: the identity of devices is not this person's to change. */
  onAct: ((act: DeviceAct) => void) | null;
  onWork: (mode: MaintenanceMode) => void;
}

function DeviceRow({ device, onAct, onWork }: RowProps) {
  const { t, language } = useLanguage();
  return (
    <tr className={device.disabled ? 'disabled' : ''}>
      <td>
        <strong>{device.id}</strong>
        <br />
        {device.name ?? wireWord(language, 'deviceKind', device.kind)}
        <br />
        <a className="open-trends" href={trendsHash({ kind: 'device', id: device.id })}>
          {t('trend.open')}
        </a>
      </td>
      <td>
        {device.place ?? '–'}
        <br />
        {device.siteName} · {device.regionName}
      </td>
      <td className="digits">
        {device.lastHeardAt === null ? t('devices.never') : dateTimeText(device.lastHeardAt, language)}
      </td>
      <td>
        <DeviceState device={device} />
      </td>
      <td className="device-acts">
        <button type="button" onClick={() => onWork('walk_test')}>
          {t('quiet.walk_test')}…
        </button>
        <button type="button" onClick={() => onWork('out_of_service')}>
          {t('quiet.out_of_service')}…
        </button>
        {onAct !== null && (
          <>
            <button type="button" onClick={() => onAct(device.disabled ? 'enable' : 'disable')}>
              {device.disabled ? t('devices.enable') : t('devices.disable')}
            </button>
            <button type="button" disabled={device.disabled} onClick={() => onAct('rotate')}>
              {t('devices.rotate')}
            </button>
            <button type="button" disabled={device.disabled} onClick={() => onAct('claim')}>
              {t('devices.claim')}
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

function DeviceState({ device }: { device: Device }) {
  const { t, language } = useLanguage();
  if (device.disabled) return <strong>■ {t('devices.off', { reason: device.disabledReason ?? '–' })}</strong>;
  const until = device.previousSecretUntil;
  return (
    <>
      {device.lastHeardAt === null ? '○ –' : device.online ? `● ${t('devices.online')}` : `▲ ${t('devices.silent')}`}
      {device.connected && ` · ${t('devices.connected')}`}
      {until !== null && Date.parse(until) > Date.now() && (
        <>
          <br />
          <span className="quiet">{t('devices.overlap', { time: dateTimeText(until, language) })}</span>
        </>
      )}
    </>
  );
}
