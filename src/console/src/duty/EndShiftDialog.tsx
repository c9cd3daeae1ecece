import { useEffect, useRef, useState } from 'react';
import { Dialog } from '../actions/Dialog.tsx';
import type { Actions } from '../actions/useActions.ts';
import { type Alarm, listStaff, type StaffMember } from '../data/alarms.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';

interface Props {
  /** What this person holds, as it stands now. */
  held: readonly Alarm[];
  me: string;
  actions: Actions;
  onSignOut: () => void;
  onClose: () => void;
}

/** Whoever ends a shift hands over what is in hand: all of it to one person, at one press, and each is in its alarm's timeline. */
export function EndShiftDialog({ held, me, actions, onSignOut, onClose }: Props) {
  const { t } = useLanguage();
  const [staff, setStaff] = useState<StaffMember[] | 'failed' | null>(null);
  const [busy, setBusy] = useState(false);
  const atFirst = useRef(held);

  useEffect(() => {
    let left = false;
    whoMayTakeAll(atFirst.current, me).then(
      (people) => !left && setStaff(people),
      () => !left && setStaff('failed'),
    );
    return () => {
      left = true;
    };
  }, [me]);

  const giveAll = async (to: string) => {
    setBusy(true);
    const given = await Promise.all(held.map((alarm) => actions.handOver(alarm, to)));
    setBusy(false);
    if (given.every((done) => done)) onSignOut();
  };

  return (
    <Dialog heading={t('endShift.heading')} onClose={onClose}>
      <p>{t('endShift.explain', { count: held.length })}</p>
      {staff === 'failed' && <p role="alert">{t('list.failed')}</p>}
      {staff === null && <p className="quiet">{t('app.loading')}</p>}
      {Array.isArray(staff) && (
        <fieldset className="people" disabled={busy}>
          <legend>{t('endShift.to')}</legend>
          {staff.length === 0 && <p className="quiet">{t('endShift.nobody')}</p>}
          {staff.map((person) => (
            <button key={person.user} type="button" className="action" onClick={() => void giveAll(person.user)}>
              {person.name} <span className="quiet">{person.user}</span>
            </button>
          ))}
        </fieldset>
      )}
      <div className="dialog-actions">
        <button type="button" className="action" onClick={onClose}>
          {t('action.cancel')}
        </button>
        <button type="button" className="action" disabled={busy} onClick={onSignOut}>
          {t('endShift.anyway')}
        </button>
      </div>
    </Dialog>
  );
}

/** People whose region covers every site at which something is held. */
async function whoMayTakeAll(held: readonly Alarm[], me: string): Promise<StaffMember[]> {
  const ofSites = [...new Map(held.map((alarm) => [alarm.site.id, alarm])).values()];
  const [first, ...others] = await Promise.all(ofSites.map((alarm) => listStaff(alarm.id)));
  return (first ?? []).filter(
    ({ user }) => user !== me && others.every((staff) => staff.some((person) => person.user === user)),
  );
}
