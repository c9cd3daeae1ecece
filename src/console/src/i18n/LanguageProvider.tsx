import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { remembered } from '../theme/remembered.ts';
import { type Language, languageOf, type Translate, translator } from './translate.ts';

interface LanguageContext {
  readonly language: Language;
  readonly t: Translate;
  readonly setLanguage: (language: Language) => void;
}

const Context = createContext<LanguageContext | null>(null);
const memory = remembered('language');

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(() => languageOf(memory.read(), navigator.language));
  const value = useMemo<LanguageContext>(
    () => ({
      language,
      t: translator(language),
      setLanguage: (next) => {
        memory.write(next);
        setLanguage(next);
      },
    }),
    [language],
  );
  useEffect(() => {
    // Screen readers and the choice of Han glyphs both follow the document's language.
    document.documentElement.lang = language;
    document.title = value.t('app.title');
  }, [language, value]);
  return <Context value={value}>{children}</Context>;
}

export function useLanguage(): LanguageContext {
  const value = useContext(Context);
  if (value === null) throw new Error('LanguageProvider is missing');
  return value;
}
