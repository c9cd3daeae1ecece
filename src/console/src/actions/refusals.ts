import type { ActionOutcome } from '../data/alarms.ts';
import { clockText } from '../i18n/time.ts';
import type { Language, Translate } from '../i18n/translate.ts';

type Refusal = Extract<ActionOutcome, { ok: false }>;

/** Why an action was not done, in words that say what to do next; who was faster is named with the time (L5). */
export function refusalText(refusal: Refusal, t: Translate, language: Language): string {
  switch (refusal.code) {
    case 'already_claimed':
      return t('notice.alreadyClaimed', {
        name: refusal.owner?.name ?? '?',
        time: refusal.since === null ? '?' : clockText(Date.parse(refusal.since), language),
      });
    case 'version_conflict':
      return t('notice.versionConflict');
    case 'already_closed':
      return t('notice.alreadyClosed');
    case 'not_allowed':
      return t('notice.notAllowed');
    case 'wrong_stage':
      return t('notice.wrongStage');
    case 'not_assigned':
      return t('notice.notAssigned');
    case 'invalid':
      return t('notice.invalid');
    case 'unreachable':
      return t('notice.unreachable');
    case 'forbidden':
      return t('notice.forbidden');
    default:
      return t('notice.failed', { code: refusal.code });
  }
}
