import { useState } from 'react';
import type { Actions } from '../actions/useActions.ts';
import { type Alarm, type CarerStep, listStaff, type ResponseStage, type StaffMember } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';

interface Props {
  alarm: Alarm;
  me: string;
  actions: Actions;
  onFinish: () => void;
}

const stages: readonly ResponseStage[] = ['claimed', 'dispatched', 'accepted', 'en_route', 'on_scene'];

const nextSteps: Partial<Record<ResponseStage, CarerStep>> = {
  dispatched: 'accept',
  accepted: 'en-route',
  en_route: 'on-scene',
};

/** Who goes, and how far they have come. For whoever was sent there is one next step, and it is large. */
export function ResponsePanel({ alarm, me, actions, onFinish }: Props) {
  const { t } = useLanguage();
  if (alarm.state === 'closed') return null;
  const mine = alarm.claimedBy === null || alarm.claimedBy.user === me;
  return (
    <section className="card response">
      <h3>{t('response.heading')}</h3>
      <ol className="stages">
        {stages.map((stage) => (
          <li
            key={stage}
            aria-current={stage === alarm.stage ? 'step' : undefined}
            className={stageClass(stage, alarm)}
          >
            {t(`stage.${stage}`)}
          </li>
        ))}
      </ol>
      {alarm.assignedTo !== null && (
        <p>
          {t('response.sent', { name: alarm.assignedTo.name })}
          {alarm.reminded && alarm.stage === 'dispatched' && <strong> · ▲ {t('response.noReceipt')}</strong>}
        </p>
      )}
      {alarm.assignedTo?.user === me && <NextStep alarm={alarm} actions={actions} onFinish={onFinish} />}
      {mine && alarm.stage !== 'on_scene' && (
        <PersonChoice key={alarm.id} alarm={alarm} label="dispatch" onChoose={(to) => actions.dispatch(alarm, to)} />
      )}
      {alarm.claimedBy?.user === me && (
        <PersonChoice
          key={`hand-${alarm.id}`}
          alarm={alarm}
          label="handOver"
          except={me}
          onChoose={(to) => actions.handOver(alarm, to)}
        />
      )}
    </section>
  );
}

function stageClass(stage: ResponseStage, alarm: Alarm): string {
  return stages.indexOf(stage) <= stages.indexOf(alarm.stage) ? 'stage reached' : 'stage';
}

function NextStep({ alarm, actions, onFinish }: Omit<Props, 'me'>) {
  const { t } = useLanguage();
  const step = nextSteps[alarm.stage];
  if (step === undefined)
    return alarm.stage === 'on_scene' ? (
      <button type="button" className="action primary next-step" onClick={onFinish}>
        {t('step.finish')}
      </button>
    ) : null;
  return (
    <button type="button" className="action primary next-step" onClick={() => void actions.progress(alarm, step)}>
      {t(`step.${step}`)}
    </button>
  );
}

interface ChoiceProps {
  alarm: Alarm;
  label: 'dispatch' | 'handOver';
  except?: string;
  onChoose: (user: string) => Promise<boolean>;
}

/** Opens to the list of people whose region covers the site; one press on a name acts. */
function PersonChoice({ alarm, label, except, onChoose }: ChoiceProps) {
  const { t } = useLanguage();
  const [staff, setStaff] = useState<StaffMember[] | 'failed' | null>(null);
  const open = () => listStaff(alarm.id).then(setStaff, () => setStaff('failed'));
  if (staff === null || staff === 'failed')
    return (
      <button type="button" className="action" onClick={() => void open()}>
        {t(`response.${label}`)}
        {staff === 'failed' && ` · ${t('list.failed')}`}
      </button>
    );
  return (
    <fieldset className="people">
      <legend>{t(`response.${label}`)}</legend>
      {staff
        .filter(({ user }) => user !== except)
        .map((person) => (
          <button
            key={person.user}
            type="button"
            className="action"
            onClick={() => void onChoose(person.user).then((done) => done && setStaff(null))}
          >
            {person.name} <span className="quiet">{person.user}</span>
          </button>
        ))}
      <button type="button" className="action" onClick={() => setStaff(null)}>
        {t('action.cancel')}
      </button>
    </fieldset>
  );
}
