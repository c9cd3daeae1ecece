import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { LanguageProvider } from './i18n/LanguageProvider.tsx';
import { shareFlashPhase } from './theme/flashPhase.ts';
import { applyTheme, storedTheme } from './theme/theme.ts';
import './theme/tokens.css';
import './theme/base.css';
import './theme/console.css';
import './theme/queue.css';
import './theme/detail.css';
import './theme/pages.css';
import './theme/devices.css';

applyTheme(storedTheme());
shareFlashPhase(document);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <LanguageProvider>
    <App />
  </LanguageProvider>,
);
