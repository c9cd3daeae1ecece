import type { Trend } from '../data/readings.ts';
import { useLanguage } from '../i18n/LanguageProvider.tsx';
import { momentText } from './time.ts';
import { numberText, readingLabel, unitText } from './words.ts';

/** A table longer than this is for a file. */
const RowsMax = 200;

/** What the chart shows, in words: for a screen reader, and for whoever wants the number. Newest first. */
export function TrendTable({ trend }: { trend: Trend }) {
  const { t, language } = useLanguage();
  const rows = trend.points.slice(-RowsMax).reverse();
  const unit = unitText(trend.unit, language);
  return (
    <div className="trend-table">
      <table>
        <caption>
          {readingLabel(trend.name, language)}
          {unit && ` (${unit})`} · {t('trend.window', { seconds: windowText(trend.windowSeconds) })}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('trend.time')}</th>
            <th scope="col">{t('trend.avg')}</th>
            <th scope="col">{t('trend.min')}</th>
            <th scope="col">{t('trend.max')}</th>
            <th scope="col">{t('trend.count')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, avg, min, max, count }) => (
            <tr key={at}>
              <td className="digits">{momentText(Date.parse(at), language)}</td>
              <td className="digits">{numberText(avg)}</td>
              <td className="digits">{numberText(min)}</td>
              <td className="digits">{numberText(max)}</td>
              <td className="digits">{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {trend.points.length > RowsMax && <p className="quiet">{t('trend.table.more', { count: RowsMax })}</p>}
    </div>
  );
}

/** 30 s, 5 min, 1 h, 2 d. */
export function windowText(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
