import type { Translate } from '../i18n/translate.ts';

const Channels = ['webhook', 'email', 'sms'] as const;
const Targets = ['supervisor', 'contacts'] as const;
const Outcomes = ['delivered', 'all_clear'] as const;

/** `sms:supervisor ***0001:delivered` as a person reads it; what is not known, an error for example, shows as it came. */
export function notificationText(reason: string | null, t: Translate): string {
  const [channel = '', recipient = '', outcome = ''] = (reason ?? '').split(':');
  const [target = '', address = ''] = recipient.split(' ');
  const knownChannel = Channels.find((each) => each === channel);
  const knownTarget = Targets.find((each) => each === target);
  const knownOutcome = Outcomes.find((each) => each === outcome);
  return [
    `${knownTarget === undefined ? target : t(`escalation.${knownTarget}`)} ${address}`,
    knownChannel === undefined ? channel : t(`channel.${knownChannel}`),
    knownOutcome === undefined ? outcome : t(`notified.${knownOutcome}`),
  ].join(' · ');
}
