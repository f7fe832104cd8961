/** The pages of links that show no message: gone, expired, spent, failed. */

import { element } from "../player/elements";
import type { PlayerLocale } from "../player/labels";
import type { Closed } from "./message";
import { shareTexts } from "./texts";
import { languageSwitch, nameDocument, outline } from "./words";

const DRAWINGS: Record<Closed, string[]> = {
  gone: [
    "M4 5.5h16a1.5 1.5 0 0 1 1.5 1.5v10a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 17V7A1.5 1.5 0 0 1 4 5.5z",
    "M3 7l9 6.5L21 7",
  ],
  expired: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z", "M12 7.5V12l3 2"],
  spent: [
    "M8.5 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm7.5 0a2.5 2.5 0 1 0 0-5",
    "M2.5 19c.4-3.4 2.7-5 6-5s5.6 1.6 6 5m2-5c2.7 0 4.6 1.5 5 4.5",
  ],
  failed: ["M12 4 2.5 20h19z", "M12 10v5m0 2.2v.3"],
  embed_off: ["M7 11V8a5 5 0 0 1 10 0v3", "M5.5 11h13v9h-13z"],
};

/** Say why there is no message here, and what to do. */
export function showClosed(page: HTMLElement, why: Closed, locale: PlayerLocale): void {
  const texts = shareTexts[locale];
  const { title, words } = texts.closed[why];
  nameDocument(title, locale);
  const box = element(
    "div",
    { class: "gone" },
    outline(...DRAWINGS[why]),
    element("h1", { tabindex: "-1" }, title),
    element("p", {}, words),
  );
  if (why === "embed_off") box.append(fullPageLink(texts.fullPage));
  page.replaceChildren(box, languageSwitch(locale, texts));
}

/** The same where something else stood before: a screen reader is told what happened. */
export function replaceByClosed(page: HTMLElement, why: Closed, locale: PlayerLocale): void {
  showClosed(page, why, locale);
  page.querySelector("h1")?.focus();
}

/** The way out of a frame, to the page that the link leads to. */
export function fullPageLink(words: string): HTMLAnchorElement {
  const href = location.pathname.replace(/\/embed\/?$/, "");
  const target = { target: "_blank", rel: "noopener noreferrer" };
  return element("a", { href, class: "button", ...target }, words);
}
