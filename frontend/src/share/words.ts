/** Small parts that all of the recipient's page is made of. */

import { drawing, element } from "../player/elements";
import type { PlayerLocale } from "../player/labels";
import { Refusal } from "./calls";
import type { ShareTexts } from "./texts";

/** Name the document and say which language it speaks. */
export function nameDocument(title: string, locale: PlayerLocale): void {
  document.title = title;
  document.documentElement.lang = locale;
}

/** A link to the same page in the other language. */
export function languageSwitch(locale: PlayerLocale, texts: ShareTexts): HTMLElement {
  const other = locale === "ja" ? "en" : "ja";
  const link = element(
    "a",
    { href: `?lang=${other}`, lang: other, hreflang: other },
    texts.otherLanguage,
  );
  return element("p", { class: "language" }, link);
}

/** A drawing of lines instead of faces. */
export function outline(...shapes: string[]): SVGSVGElement {
  const svg = drawing(...shapes);
  svg.classList.add("outline");
  return svg;
}

/** A place whose words a screen reader speaks when they change. */
export function spoken(): HTMLElement {
  return element("p", { class: "unseen", role: "status" });
}

/** What to say about a call that was refused for a reason that passes. */
export function wordsOf(refusal: unknown, texts: ShareTexts): string {
  if (!(refusal instanceof Refusal)) return texts.offline;
  if (refusal.status === 429) return texts.tooMany(refusal.waitS);
  return refusal.code === "admission_needed" ? texts.watchFirst : texts.offline;
}
