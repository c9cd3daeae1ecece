import { memo } from 'react';
import { Elapsed, useServerNowMs } from '../clock/ServerTime.tsx';
import { useTicking } from '../clock/ticker.ts';
import type { Alarm, UserRef } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import type { Language, Translate } from '../i18n/translate.ts';
import { Badges } from './Badges.tsx';
import type { Row } from './layout.ts';
import { Marker } from './Marker.tsx';
import { isSuspected, kindText, personText, placeText, siteText } from './words.ts';

export interface RowHandlers {
  pointerDown(id: string, event: React.PointerEvent | React.MouseEvent): void;
  click(id: string): void;
  focus(id: string): void;
  blur(event: React.FocusEvent): void;
  hover(id: string | null, event: React.PointerEvent): void;
}

interface Props {
  row: Row;
  me: string;
  selected: boolean;
  tabStop: boolean;
  viewers: readonly UserRef[];
  handlers: RowHandlers;
  observe: (element: Element | null, alarm: Alarm) => (() => void) | undefined;
}

/** One alarm of the queue. No diagnosis here: passers-by can read this screen. */
export const AlarmRow = memo(function AlarmRow({ row, me, selected, tabStop, viewers, handlers, observe }: Props) {
  const { t, language } = useLanguage();
  const { alarm, goneAtMs } = row;
  const gone = goneAtMs !== null;
  return (
    <li
      ref={(element) => observe(element, alarm)}
      onPointerEnter={(event) => handlers.hover(alarm.id, event)}
      onPointerLeave={(event) => handlers.hover(null, event)}
    >
      <button
        type="button"
        className={`row ${alarm.priority}${gone ? ' gone' : ''}`}
        data-alarm-id={alarm.id}
        aria-current={selected ? 'true' : undefined}
        tabIndex={tabStop ? 0 : -1}
        onMouseDown={(event) => handlers.pointerDown(alarm.id, event)}
        onClick={() => handlers.click(alarm.id)}
        onFocus={() => handlers.focus(alarm.id)}
        onBlur={handlers.blur}
      >
        <Marker alarm={alarm} />
        <span className="row-lines">
          <span className="row-line headline">
            <span className="row-title">
              <span className="row-priority">{t(`priority.${alarm.priority}`)}</span> <Kind alarm={alarm} />
              {alarm.count > 1 && <span className="row-count digits">×{alarm.count}</span>}{' '}
              <span className="row-place">{placeText(alarm, language)}</span> {!gone && <Badges alarm={alarm} />}
            </span>
            {!gone && <Elapsed since={alarm.raisedAt} />}
          </span>
          <span className="row-line">
            <span>
              {personText(alarm, t)} · <span className="row-site">{siteText(alarm, language)}</span>
            </span>
          </span>
          <span className="row-line">
            <span className="row-state">
              {gone ? goneText(alarm, me, t) : `${t(`state.${alarm.state}`)} · ${ownerText(alarm, me, t)}`}
            </span>
            {viewers.length > 0 && !gone && (
              <span className="row-viewers">{t('row.viewing', { names: namesText(viewers, language) })}</span>
            )}
          </span>
        </span>
      </button>
    </li>
  );
});

/** A fall that may still be cancelled is told apart, with the time that is left. */
export function Kind({ alarm }: { alarm: Alarm }) {
  const { t, language } = useLanguage();
  const nowMs = useServerNowMs();
  const suspected = useTicking(() => isSuspected(alarm, nowMs()));
  return <span className="kind-word">{suspected ? t('kind.fall.suspected') : kindText(alarm, language)}</span>;
}

function ownerText(alarm: Alarm, me: string, t: Translate): string {
  if (alarm.assignedTo !== null && alarm.stage !== 'none' && alarm.stage !== 'claimed')
    return `${t(`stage.${alarm.stage}`)} · ${alarm.assignedTo.name}`;
  if (alarm.claimedBy === null) return t('row.unclaimed');
  return alarm.claimedBy.user === me ? t('row.owner.me') : t('row.owner', { name: alarm.claimedBy.name });
}

function goneText(alarm: Alarm, me: string, t: Translate): string {
  switch (alarm.state === 'closed' ? alarm.closedBy?.kind : undefined) {
    case 'user':
      return alarm.closedBy?.id === me ? t('row.gone.byMe') : t('row.gone.by', { name: alarm.closedBy?.name ?? '?' });
    case 'device':
      return t('row.gone.byDevice');
    case 'hub':
      return t('row.gone.auto');
    default:
      return t('row.gone.unknown');
  }
}

const namesText = (viewers: readonly UserRef[], language: Language): string =>
  viewers.map((viewer) => viewer.name).join(language === 'en' ? ', ' : '、');
