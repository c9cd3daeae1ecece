import { Component, type ReactNode } from 'react';
import { useLanguage } from '../i18n/LanguageProvider.tsx';

interface Props {
  /** What it shows; another one is another attempt. */
  of: string;
  children: ReactNode;
}

/**
 * A part of the page whose fault stays its own: without it React takes down the whole page, and a value that a chart cannot
 * draw would take the queue and its sound along.
 */
export class Contained extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidUpdate(before: Props): void {
    if (before.of !== this.props.of && this.state.failed) this.setState({ failed: false });
  }

  override render(): ReactNode {
    return this.state.failed ? <Failed onRetry={() => this.setState({ failed: false })} /> : this.props.children;
  }
}

function Failed({ onRetry }: { onRetry: () => void }) {
  const { t } = useLanguage();
  return (
    <p role="alert" className="load-failed">
      {t('part.failed')}{' '}
      <button type="button" onClick={onRetry}>
        {t('detail.retry')}
      </button>
    </p>
  );
}
