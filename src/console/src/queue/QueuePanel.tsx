import { type RefObject, useEffect, useRef } from 'react';
import type { UserRef } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { AlarmRow, type RowHandlers } from './AlarmRow.tsx';
import { maySelect } from './actionGuard.ts';
import { type Filter, Filters } from './filters.ts';
import type { Layout } from './layout.ts';
import type { LayoutEvent, LayoutState } from './layoutReducer.ts';
import type { LiveQueue } from './liveQueue.ts';
import { isUnclaimedCritical } from './order.ts';
import { PinnedOverflow } from './PinnedOverflow.tsx';
import { type Portion, usePortion } from './usePortion.ts';
import { useSightings } from './useSightings.ts';

interface Props {
  live: LiveQueue;
  me: string;
  state: LayoutState;
  dispatch: (event: LayoutEvent) => void;
  selectedId: string | null;
  filter: Filter;
  viewers: ReadonlyMap<string, readonly UserRef[]>;
  distrusted: boolean;
  loaded: boolean;
  /** Alarms that are on record and silent: their number is always in view (L11). */
  quiet: number;
  onFilter: (filter: Filter) => void;
  onOpen: (id: string) => void;
  onRefused: () => void;
}

const nobody: readonly UserRef[] = [];

export function QueuePanel(props: Props) {
  const { live, me, state, selectedId, viewers, loaded } = props;
  const { t } = useLanguage();
  const observe = useSightings(live);
  const panel = useRef<HTMLElement>(null);
  const pinnedList = useRef<HTMLUListElement>(null);
  const handlers = useRowHandlers(props, panel);
  const { layout } = state;
  const order = [...layout.pinned, ...layout.list];
  const tabStop = selectedId !== null && order.includes(selectedId) ? selectedId : order[0];

  const pinned = usePortion(layout.pinned, layout.pinned.indexOf(selectedId ?? ''));
  const list = usePortion(layout.list, layout.list.indexOf(selectedId ?? ''));
  const rows = ({ shown, end }: Portion, all: readonly string[]) => [
    ...shown.map((id) => {
      const row = layout.rows.get(id);
      return row ? (
        <AlarmRow
          key={id}
          row={row}
          me={me}
          selected={id === selectedId}
          tabStop={id === tabStop}
          viewers={viewers.get(id)?.filter(({ user }) => user !== me) ?? nobody}
          handlers={handlers}
          observe={observe}
        />
      ) : null;
    }),
    shown.length < all.length && <li key="end" ref={end} className="rows-end" aria-hidden="true" />,
  ];

  return (
    <section className={`queue${props.distrusted ? ' hatched' : ''}`} aria-label={t('queue.heading')} ref={panel}>
      <div className="pinned-zone">
        <h2>
          {t('queue.pinned')} <span className="digits">{unclaimedIn(layout)}</span>
        </h2>
        {layout.pinned.length === 0 ? (
          <p className="quiet">{loaded ? t('queue.pinned.none') : t('app.loading')}</p>
        ) : (
          <ul ref={pinnedList} className="rows">
            {rows(pinned, layout.pinned)}
          </ul>
        )}
        <PinnedOverflow list={pinnedList} count={layout.pinned.length} />
      </div>
      <div className="list-zone">
        <header>
          {layout.waiting.length === 0 ? (
            <h2>
              {t('queue.rest')} <span className="digits">{layout.list.length}</span>
            </h2>
          ) : (
            <button
              type="button"
              className="waiting"
              onClick={() => props.dispatch({ type: 'merge', nowMs: performance.now() })}
            >
              {t('queue.waiting', { count: layout.waiting.length })}
            </button>
          )}
          <FilterChoice filter={props.filter} quiet={props.quiet} onFilter={props.onFilter} />
        </header>
        <ul className="rows">{rows(list, layout.list)}</ul>
        {loaded && order.length === 0 && <p className="quiet">{t('queue.empty')}</p>}
      </div>
    </section>
  );
}

/** Rows that were claimed or closed a moment ago still stand in the zone; they are not counted. */
function unclaimedIn({ pinned, rows }: Layout): number {
  return pinned.filter((id) => {
    const row = rows.get(id);
    return row?.goneAtMs === null && isUnclaimedCritical(row.alarm);
  }).length;
}

interface FilterChoiceProps {
  filter: Filter;
  quiet: number;
  onFilter: (filter: Filter) => void;
}

function FilterChoice({ filter, quiet, onFilter }: FilterChoiceProps) {
  const { t } = useLanguage();
  return (
    <fieldset className="filters">
      <legend className="visually-hidden">{t('queue.filter.label')}</legend>
      {Filters.map((each) => (
        <button key={each} type="button" aria-pressed={each === filter} onClick={() => onFilter(each)}>
          {t(`queue.filter.${each}`)}
          {each === 'quiet' && <span className="digits"> {quiet}</span>}
        </button>
      ))}
    </fieldset>
  );
}

/** Handlers that stay the same from render to render, so that a tick of one row draws no other. */
function useRowHandlers(props: Props, panel: RefObject<HTMLElement | null>): RowHandlers {
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const handlers = useRef<RowHandlers>({
    pointerDown(id, event) {
      if (maySelect(latest.current.state.moves, id, performance.now())) return;
      // The row came here under a hand that was aiming at another; it does not even get the focus.
      event.preventDefault();
      latest.current.onRefused();
    },
    click(id) {
      if (maySelect(latest.current.state.moves, id, performance.now())) latest.current.onOpen(id);
    },
    focus(id) {
      latest.current.dispatch({ type: 'focus', id, nowMs: performance.now() });
    },
    blur(event) {
      const next = event.relatedTarget;
      if (next instanceof HTMLElement && next.dataset.alarmId !== undefined && panel.current?.contains(next)) return;
      latest.current.dispatch({ type: 'blur', nowMs: performance.now() });
    },
    hover(id, event) {
      if (event.pointerType !== 'touch') latest.current.dispatch({ type: 'hover', id, nowMs: performance.now() });
    },
  });
  return handlers.current;
}
