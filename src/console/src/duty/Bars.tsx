import type { ReactNode } from 'react';
import { useTicking } from '../clock/ticker.ts';
import type { Trouble } from '../data/liveQueue.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import type { LiveQueue } from '../queue/liveQueue.ts';
import type { Sound } from '../shift/useSound.ts';

/**
 * Full-width bars for what makes this console untrustworthy or mute. They stand above the action bar, where the hands
 * are, and push nothing but the lower edge of the panels: no row moves when one appears.
 */
export function Bars({ live, trouble, sound }: { live: LiveQueue; trouble: readonly Trouble[]; sound: Sound }) {
  return (
    <div className="bars">
      <TroubleBar trouble={trouble} />
      <DataBar live={live} />
      <SoundBar sound={sound} />
      <SilenceBar sound={sound} />
    </div>
  );
}

function Bar({ level, children }: { level: 'alert' | 'warn'; children: ReactNode }) {
  return (
    <div className={`bar ${level}`} role={level === 'alert' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** The hub cannot keep its promise: nothing on this screen would say so by itself. */
function TroubleBar({ trouble }: { trouble: readonly Trouble[] }) {
  const { t } = useLanguage();
  return trouble.map((each) => (
    <Bar key={each} level="alert">
      ▲ {t(`trouble.${each}`)}
    </Bar>
  ));
}

function DataBar({ live }: { live: LiveQueue }) {
  const { t } = useLanguage();
  const freshness = useTicking(() => live.freshness());
  const seconds = useTicking(() => Math.floor(live.silentMs() / 1000));
  if (freshness === 'live' || freshness === 'stale') return null;
  if (freshness === 'loud') return <Bar level="alert">▲ {t('data.loud', { seconds })}</Bar>;
  return (
    <Bar level="alert">
      <div>
        <strong>▲ {t('data.lost.title', { seconds })}</strong>
        <p>{t('data.lost.procedure')}</p>
      </div>
    </Bar>
  );
}

function SoundBar({ sound }: { sound: Sound }) {
  const { t } = useLanguage();
  switch (sound.bar) {
    case null:
      return null;
    case 'start':
      return (
        <Bar level="warn">
          ▲ {t('bar.start')}
          <button type="button" onClick={sound.start}>
            {t('bar.start.action')}
          </button>
        </Bar>
      );
    case 'broken':
    case 'mute':
      return (
        <Bar level="alert">
          ▲ {t(`bar.${sound.bar}`)}
          <button type="button" onClick={sound.retest}>
            {t(`bar.${sound.bar}.action`)}
          </button>
        </Bar>
      );
    case 'confirm':
      return (
        <Bar level="warn">
          ▲ {t('bar.confirm')}
          <button type="button" onClick={sound.heard}>
            {t('bar.heard')}
          </button>
          <button type="button" onClick={sound.notHeard}>
            {t('bar.notHeard')}
          </button>
        </Bar>
      );
    case 'reconfirm':
      return (
        <Bar level="warn">
          ▲ {t('bar.reconfirm')}
          <button type="button" onClick={sound.retest}>
            {t('bar.reconfirm.action')}
          </button>
        </Bar>
      );
  }
}

function SilenceBar({ sound }: { sound: Sound }) {
  const { t } = useLanguage();
  if (sound.silencedSeconds === 0) return null;
  return (
    <Bar level="warn">
      ▲ {t('bar.silenced', { seconds: sound.silencedSeconds })}
      <button type="button" onClick={sound.endSilence}>
        {t('bar.silenced.end')}
      </button>
    </Bar>
  );
}
