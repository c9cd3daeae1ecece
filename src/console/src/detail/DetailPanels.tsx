import type { Actions } from '../actions/useActions.ts';
import type { Alarm, UserRef } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { CallPanel } from './CallPanel.tsx';
import { IncidentHeader, IncidentPanel } from './IncidentPanel.tsx';
import { NoteBox } from './NoteBox.tsx';
import { RecentAlarms } from './RecentAlarms.tsx';
import { ResponsePanel } from './ResponsePanel.tsx';
import { ShelvePanel } from './ShelvePanel.tsx';
import { useAlarmDetail } from './useAlarmDetail.ts';

interface Props {
  alarm: Alarm | null;
  opened: boolean;
  me: string;
  viewers: ReadonlyMap<string, readonly UserRef[]>;
  onOpen: (id: string) => void;
  actions: Actions;
  onFinish: (alarm: Alarm) => void;
}

/** Incident and act. The card holds personal data, so it is opened on purpose, and the hub records that. */
export function DetailPanels(props: Props) {
  const { alarm, opened } = props;
  const { t } = useLanguage();
  if (alarm === null || !opened) {
    return (
      <div className="detail">
        <section className="incident">
          {alarm === null ? (
            <div className="nothing-open">
              <p>{t('detail.none')}</p>
              <p className="quiet">{t('detail.none.hint')}</p>
            </div>
          ) : (
            <>
              <IncidentHeader alarm={alarm} />
              <button type="button" className="action open-card" onClick={() => props.onOpen(alarm.id)}>
                {t('detail.openCard')}
              </button>
            </>
          )}
        </section>
        <section className="act" />
      </div>
    );
  }
  return <OpenedDetail {...props} alarm={alarm} />;
}

function OpenedDetail({ alarm, me, viewers, actions, onFinish }: Props & { alarm: Alarm }) {
  const { state, detail, retry } = useAlarmDetail(alarm.id, alarm.version);
  const sent = alarm.assignedTo?.user === me;
  const response = <ResponsePanel alarm={alarm} me={me} actions={actions} onFinish={() => onFinish(alarm)} />;
  return (
    <div className="detail">
      <section className="incident">
        <IncidentPanel
          alarm={alarm}
          detail={detail}
          failed={state.status === 'failed'}
          viewers={viewers.get(alarm.id)?.filter(({ user }) => user !== me) ?? []}
          onRetry={retry}
        />
      </section>
      <section className="act">
        {/* Whoever was sent needs the next step first; whoever sits at the desk, the telephone. */}
        {sent && response}
        <CallPanel detail={detail} />
        {!sent && response}
        <NoteBox key={alarm.id} alarm={alarm} me={me} onSave={(note) => actions.addNote(alarm, note)} />
        <RecentAlarms recent={detail?.recent ?? []} />
        <ShelvePanel key={`shelve-${alarm.id}`} alarm={alarm} actions={actions} />
      </section>
    </div>
  );
}
