import { Age, useServerNowMs } from '../clock/ServerTime.tsx';
import { useTicking } from '../clock/ticker.ts';
import type { LatestReading } from '../data/readings.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';

/** How old a value is; a value past its time is called so, in words and shape. */
export function Freshness({ reading }: { reading: LatestReading }) {
  const { t } = useLanguage();
  const nowMs = useServerNowMs();
  const stale = useTicking(() => {
    const now = nowMs();
    return now !== null && now - Date.parse(reading.at) > reading.staleAfterSeconds * 1000;
  });
  const [before, after] = t(stale ? 'trend.stale' : 'detail.ago', { age: '\u0000' }).split('\u0000');
  return (
    <span className={stale ? 'stale' : 'quiet'}>
      {stale && '▲ '}
      {before}
      <Age since={reading.at} />
      {after}
    </span>
  );
}
