import { useState } from 'react';
import { ClockOfServer } from '../clock/ServerTime.tsx';
import { useTicking } from '../clock/ticker.ts';
import type { Priority } from '../data/alarms.ts';
import { type Me, maySeeQuarantine } from '../data/session.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import type { LiveQueue, LiveView } from '../queue/liveQueue.ts';
import { PriorityMarker } from '../queue/Marker.tsx';
import { isQuiet } from '../queue/order.ts';
import type { Sound } from '../shift/useSound.ts';
import { applyTheme, nextTheme, storedTheme } from '../theme/theme.ts';
import type { BarTab, Tab } from './tabs.ts';

interface Props {
  me: Me;
  live: LiveQueue;
  view: LiveView;
  sound: Sound;
  tab: Tab;
  keysOn: boolean;
  onTab: (tab: BarTab) => void;
  onKeys: (on: boolean) => void;
  onSignOut: () => void;
}

/** Who watches what, how much is open, and whether what is shown can be trusted and heard. */
export function TopBar(props: Props) {
  const { me, live, view, sound, keysOn } = props;
  const { t, language, setLanguage } = useLanguage();
  return (
    <header className="top-bar">
      <p className="operator">
        <strong>{me.name}</strong> <span>{me.regionName}</span>
      </p>
      <Tabs {...props} />
      <Counts view={view} />
      <p className="states">
        <DataState live={live} view={view} />
        <AudioState sound={sound} />
      </p>
      <p className="server-clock">
        <span className="visually-hidden">{t('top.clock')}</span>
        <ClockOfServer />
      </p>
      <div className="switches">
        <button
          type="button"
          lang={language === 'en' ? 'zh-CN' : 'en'}
          onClick={() => setLanguage(language === 'en' ? 'zh-CN' : 'en')}
        >
          {t('top.language')}
        </button>
        <ThemeSwitch />
        <button type="button" aria-pressed={keysOn} onClick={() => props.onKeys(!keysOn)}>
          {keysOn ? t('top.keys.on') : t('top.keys.off')}
        </button>
        <button type="button" onClick={props.onSignOut}>
          {t('top.signOut')}
        </button>
      </div>
    </header>
  );
}

function Tabs({ me, tab, onTab }: Props) {
  const { t } = useLanguage();
  const tabs: BarTab[] = maySeeQuarantine(me.role) ? ['queue', 'closed', 'quarantine', 'devices'] : ['queue', 'closed'];
  return (
    <nav className="tabs">
      {tabs.map((each) => (
        <button key={each} type="button" aria-current={each === tab ? 'page' : undefined} onClick={() => onTab(each)}>
          {t(`nav.${each}`)}
        </button>
      ))}
    </nav>
  );
}

const priorities: readonly Priority[] = ['critical', 'high', 'medium', 'low'];

function Counts({ view }: { view: LiveView }) {
  const { t } = useLanguage();
  const counts: Record<Priority, number> = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const alarm of view.queue.open.values()) if (!isQuiet(alarm)) counts[alarm.priority]++;
  return (
    <ul className="counts" aria-label={t('top.open')}>
      {priorities.map((priority) => (
        <li key={priority} className={counts[priority] === 0 ? 'zero' : priority}>
          <PriorityMarker priority={priority} /> <span>{t(`priority.${priority}`)}</span>{' '}
          <strong className="digits">{counts[priority]}</strong>
        </li>
      ))}
    </ul>
  );
}

function DataState({ live, view }: { live: LiveQueue; view: LiveView }) {
  const { t } = useLanguage();
  const freshness = useTicking(() => live.freshness());
  const seconds = useTicking(() => Math.floor(live.silentMs() / 1000));
  if (freshness === 'live') {
    return view.loaded ? (
      <span className="state good">● {t('data.live')}</span>
    ) : (
      <span className="state">◌ {t('data.connecting')}</span>
    );
  }
  return <span className="state bad">▲ {t('data.stale', { seconds })}</span>;
}

function AudioState({ sound }: { sound: Sound }) {
  const { t } = useLanguage();
  if (sound.silencedSeconds > 0)
    return <span className="state bad">▲ {t('audio.silenced', { seconds: sound.silencedSeconds })}</span>;
  switch (sound.bar) {
    case null:
      return <span className="state good">● {t('audio.on')}</span>;
    case 'start':
      return <span className="state bad">▲ {t('audio.off')}</span>;
    case 'broken':
    case 'mute':
      return <span className="state bad">▲ {t('audio.broken')}</span>;
    case 'confirm':
    case 'reconfirm':
      return <span className="state bad">▲ {t('audio.unconfirmed')}</span>;
  }
}

export function ThemeSwitch() {
  const { t } = useLanguage();
  const [theme, setTheme] = useState(storedTheme);
  const change = () => {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" onClick={change}>
      {t(`top.theme.${theme}`)}
    </button>
  );
}
