/** The frame of the pages before signing in. */

import { Outlet } from "@tanstack/react-router";
import { useLanguage } from "../i18n";
import { Brand } from "./Brand";

export function Welcome() {
  const { t, locale, setLocale } = useLanguage();
  const other = locale === "en" ? "ja" : "en";
  return (
    <div className="grid min-h-dvh lg:grid-cols-2">
      <div className="flex flex-col px-5 py-5 md:px-10">
        <header className="flex items-center justify-between">
          <Brand />
          <button
            type="button"
            lang={other}
            onClick={() => setLocale(other)}
            className="min-h-11 rounded-xl px-3 font-medium text-mark hover:bg-tint"
          >
            {t.nav.languageSwitch}
          </button>
        </header>
        <main className="mx-auto flex w-full max-w-md flex-1 flex-col justify-center py-10">
          <Outlet />
        </main>
      </div>
      <aside className="relative hidden overflow-hidden bg-glow lg:block" aria-hidden="true">
        <div className="flex h-full flex-col justify-center gap-10 px-16">
          <Wave />
          <div>
            <p className="font-bold text-4xl leading-tight">{t.sign.heroLine}</p>
            <p className="mt-4 max-w-md text-lg text-quiet">{t.sign.heroText}</p>
          </div>
        </div>
      </aside>
    </div>
  );
}

const BARS = [18, 34, 58, 40, 76, 96, 64, 84, 52, 70, 100, 78, 46, 62, 36, 54, 28, 44, 22, 14];

function Wave() {
  return (
    <svg aria-hidden="true" viewBox="0 0 400 110" className="w-full max-w-lg">
      {BARS.map((height, place) => (
        <rect
          key={place}
          x={place * 20}
          y={(110 - height) / 2}
          width="9"
          height={height}
          rx="4.5"
          className={place < 12 ? "fill-mark" : "fill-mark opacity-30"}
        />
      ))}
    </svg>
  );
}
