import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';
import { ActionBar } from '../actions/ActionBar.tsx';
import type { ActionName } from '../actions/available.ts';
import { availableActions } from '../actions/available.ts';
import type { KeyCommand } from '../actions/keys.ts';
import { ResolveDialog } from '../actions/ResolveDialog.tsx';
import { TakeOverDialog } from '../actions/TakeOverDialog.tsx';
import { useActions } from '../actions/useActions.ts';
import { useKeys } from '../actions/useKeys.ts';
import { useTicking } from '../clock/ticker.ts';
import type { Alarm } from '../data/alarms.ts';
import type { Subject } from '../data/readings.ts';
import type { Me } from '../data/session.ts';
import { DetailPanels } from '../detail/DetailPanels.tsx';
import { DevicesPage } from '../devices/DevicesPage.tsx';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { ClosedList } from '../lists/ClosedList.tsx';
import { QuarantineList } from '../lists/QuarantineList.tsx';
import { Notices } from '../notices/Notices.tsx';
import { useNotices } from '../notices/useNotices.ts';
import type { Filter } from '../queue/filters.ts';
import type { LiveQueue } from '../queue/liveQueue.ts';
import { NearerDesksContext } from '../queue/NearerDesksContext.ts';
import { isQuiet } from '../queue/order.ts';
import { QueuePanel } from '../queue/QueuePanel.tsx';
import { useSound } from '../shift/useSound.ts';
import { remembered } from '../theme/remembered.ts';
import { subjectOfHash } from '../trends/subject.ts';
import { Bars } from './Bars.tsx';
import { Contained } from './Contained.tsx';
import { EndShiftDialog } from './EndShiftDialog.tsx';
import { FireStrip } from './FireStrip.tsx';
import { TopBar } from './TopBar.tsx';
import { alarmOfHash, type BarTab, type Tab, tabOfHash } from './tabs.ts';
import { useAnnouncements } from './useAnnouncements.ts';
import { useQueueLayout } from './useQueueLayout.ts';

interface Props {
  me: Me;
  live: LiveQueue;
  onSignOut: () => void;
}

// Charts are code that a desk without a look at one does without.
const TrendsPage = lazy(() => import('../trends/TrendsPage.tsx'));

const keysMemory = remembered('keys');

export function DutyConsole({ me, live, onSignOut }: Props) {
  const { t } = useLanguage();
  const view = useSyncExternalStore(live.subscribe, live.current);
  const [filter, setFilter] = useState<Filter>('all');
  const [layout, dispatch] = useQueueLayout(view, filter, me.user);
  const [selectedId, setSelectedId] = useState<string | null>(() => alarmOfHash(location.hash));
  const [openedId, setOpenedId] = useState<string | null>(selectedId);
  const [dialog, setDialog] = useState<{ kind: 'resolve' | 'takeOver'; alarm: Alarm } | null>(null);
  const [ending, setEnding] = useState(false);
  const [keysOn, setKeysOn] = useState(() => keysMemory.read() !== 'off');
  const [tab, subject, setTab] = useTab();
  const { notices, notify, dismiss } = useNotices();
  const actions = useActions(live, notify);
  const sound = useSound(live, notify);
  const spoken = useAnnouncements(live, notify);
  const distrusted = useTicking(
    () => live.silentMs() > 0 && (live.freshness() === 'loud' || live.freshness() === 'lost'),
  );
  const vouchedFor = useTicking(() => live.freshness() === 'live');

  const { open, closed } = view.queue;
  const selected =
    selectedId === null
      ? null
      : (open.get(selectedId) ?? closed.get(selectedId) ?? layout.layout.rows.get(selectedId)?.alarm ?? null);

  useEffect(() => live.viewing(openedId), [live, openedId]);

  const openCard = (id: string) => {
    setSelectedId(id);
    setOpenedId(id);
    setTab('queue');
    focusRow(id);
  };

  const act = (action: ActionName | 'silence') => {
    if (action === 'silence') {
      sound.silenceAll();
      return;
    }
    if (selected === null || !availableActions(selected, me.user).has(action)) return;
    if (action === 'resolve' || action === 'takeOver') setDialog({ kind: action, alarm: selected });
    else void actions[action](selected);
  };

  const move = (step: 1 | -1) => {
    const order = [...layout.layout.pinned, ...layout.layout.list];
    const at = selectedId === null ? -1 : order.indexOf(selectedId);
    const next = at < 0 ? order[0] : order[Math.min(order.length - 1, Math.max(0, at + step))];
    if (next === undefined) return;
    setSelectedId(next);
    focusRow(next);
  };

  const showFirst = () => {
    // The rows that waited have to be on the screen before the first of them can take the focus.
    flushSync(() => dispatch({ type: 'merge', nowMs: performance.now() }));
    const first = document.querySelector<HTMLElement>('.queue [data-alarm-id]');
    if (first?.dataset.alarmId === undefined) return;
    setSelectedId(first.dataset.alarmId);
    first.focus();
  };

  const onCommand = (command: KeyCommand) => {
    switch (command) {
      case 'up':
        return move(-1);
      case 'down':
        return move(1);
      case 'first':
        return showFirst();
      case 'open':
        if (selectedId !== null) openCard(selectedId);
        return;
      default:
        return act(command);
    }
  };
  useKeys(keysOn && dialog === null && !ending, onCommand);
  const held = ending ? heldBy(me.user, open) : [];

  return (
    <div className="console">
      <TopBar
        me={me}
        live={live}
        view={view}
        sound={sound}
        tab={tab}
        keysOn={keysOn}
        onTab={setTab}
        onKeys={(on) => {
          keysMemory.write(on ? null : 'off');
          setKeysOn(on);
        }}
        onSignOut={() => (heldBy(me.user, open).length === 0 ? onSignOut() : setEnding(true))}
      />
      <FireStrip open={open} />
      <NearerDesksContext value={vouchedFor ? view.desks : null}>
        <main className="panels">
          <QueuePanel
            live={live}
            me={me.user}
            state={layout}
            dispatch={dispatch}
            selectedId={selectedId}
            filter={filter}
            viewers={view.viewers}
            distrusted={distrusted}
            loaded={view.loaded}
            quiet={[...open.values()].filter(isQuiet).length}
            onFilter={setFilter}
            onOpen={openCard}
            onRefused={() => notify('refused', t('notice.moved'))}
          />
          <Contained of={`${tab}/${subject?.id}/${selectedId}`}>
            {tab === 'queue' && (
              <DetailPanels
                alarm={selected}
                opened={openedId !== null && openedId === selectedId}
                me={me.user}
                viewers={view.viewers}
                onOpen={openCard}
                actions={actions}
                onFinish={(alarm) => setDialog({ kind: 'resolve', alarm })}
              />
            )}
            {tab === 'closed' && <ClosedList />}
            {tab === 'quarantine' && <QuarantineList />}
            {tab === 'devices' && <DevicesPage me={me} notify={notify} />}
            {subject !== null && (
              <Suspense fallback={<p className="quiet">{t('app.loading')}</p>}>
                <TrendsPage subject={subject} title={titleOf(subject, open)} onBack={() => history.back()} />
              </Suspense>
            )}
          </Contained>
        </main>
      </NearerDesksContext>
      <Bars live={live} trouble={view.trouble} sound={sound} />
      <ActionBar alarm={selected} me={me.user} onAction={act} />
      <Notices notices={notices} onDismiss={dismiss} />
      <p className="visually-hidden" aria-live="assertive">
        {spoken}
      </p>
      {ending && (
        <EndShiftDialog
          held={held}
          me={me.user}
          actions={actions}
          onSignOut={onSignOut}
          onClose={() => setEnding(false)}
        />
      )}
      {dialog?.kind === 'resolve' && (
        <ResolveDialog
          alarm={dialog.alarm}
          me={me.user}
          onSubmit={(disposition, note) => actions.resolve(latest(dialog.alarm, selected), disposition, note)}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog?.kind === 'takeOver' && (
        <TakeOverDialog
          alarm={dialog.alarm}
          onSubmit={(reason) => actions.takeOver(latest(dialog.alarm, selected), reason)}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  );
}

/** The same alarm in the version that is on the screen behind the dialog; never another one. */
const latest = (alarm: Alarm, selected: Alarm | null): Alarm => (selected?.id === alarm.id ? selected : alarm);

const focusRow = (id: string) => document.querySelector<HTMLElement>(`[data-alarm-id="${CSS.escape(id)}"]`)?.focus();

/** A person's name as long as one of their alarms is open; else the id by which the desk found them. */
function titleOf({ kind, id }: Subject, open: ReadonlyMap<string, Alarm>): string {
  if (kind === 'device') return id;
  for (const { resident } of open.values()) if (resident?.id === id) return resident.name;
  return id;
}

function useTab() {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  const choose = (next: BarTab) => {
    location.hash = next === 'queue' ? '' : next;
  };
  const tab: Tab = tabOfHash(hash);
  return [tab, subjectOfHash(hash), choose] as const;
}

const heldBy = (user: string, open: ReadonlyMap<string, Alarm>) =>
  [...open.values()].filter((alarm) => alarm.claimedBy?.user === user);
