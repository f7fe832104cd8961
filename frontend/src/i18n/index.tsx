/** The language of the page: found, chosen, remembered; and what `Intl` knows about it. */

import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { type Catalogue, en } from "./en";
import { type Formats, formatsFor } from "./formats";
import { ja } from "./ja";

export type Locale = "en" | "ja";
export const LOCALES: readonly Locale[] = ["en", "ja"];
export const catalogues: Record<Locale, Catalogue> = { en, ja };
/** A language's own name never depends on the page's language. */
export const LOCALE_NAMES: Record<Locale, string> = { en: "English", ja: "日本語" };

const STORED_AS = "language";

/** What was chosen here before, else the first of the browser's languages that we speak. */
export function detectLocale(stored: string | null, browser: readonly string[]): Locale {
  for (const language of [stored ?? "", ...browser]) {
    const primary = language.toLowerCase().split("-")[0];
    if (primary === "en" || primary === "ja") return primary;
  }
  return "en";
}

interface Language {
  locale: Locale;
  t: Catalogue;
  format: Formats;
  setLocale: (locale: Locale) => void;
}

const LanguageContext = createContext<Language | null>(null);

function storedLocale(): string | null {
  try {
    return localStorage.getItem(STORED_AS);
  } catch {
    return null; // storage is blocked: the browser's language will do
  }
}

export function LanguageProvider({ children, initial }: { children: ReactNode; initial?: Locale }) {
  const [locale, setState] = useState<Locale>(
    () => initial ?? detectLocale(storedLocale(), navigator.languages),
  );
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const setLocale = useCallback((chosen: Locale) => {
    setState(chosen);
    try {
      localStorage.setItem(STORED_AS, chosen);
    } catch {
      // storage is blocked: the choice lasts until the page is left
    }
  }, []);
  const language = useMemo(
    () => ({ locale, t: catalogues[locale], format: formatsFor(locale), setLocale }),
    [locale, setLocale],
  );
  return <LanguageContext value={language}>{children}</LanguageContext>;
}

export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (!language) throw new Error("useLanguage needs a LanguageProvider");
  return language;
}

/** The words of the page's language. */
export const useText = (): Catalogue => useLanguage().t;
