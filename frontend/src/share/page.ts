/** Draws the recipient's page: the message, or the words for a link that leads to none. */

import { drawing, element } from "../player/elements";
import { type PlayerLocale, playerLabels } from "../player/labels";
import { createPlayer } from "../player/player";
import type { SharedMessage } from "./message";
import { initialOf, type ShareTexts, shareTexts } from "./texts";

const WAVE = "M3 10v4m4.5-7v10m4.5-13v16m4.5-13v10m4.5-7v4";
const ENVELOPE =
  "M4 5.5h16a1.5 1.5 0 0 1 1.5 1.5v10a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 17V7A1.5 1.5 0 0 1 4 5.5zm-1 1.5 9 6.5L21 7";

/** Draw the message into `page`. */
export function showMessage(page: HTMLElement, message: SharedMessage, locale: PlayerLocale): void {
  const texts = shareTexts[locale];
  const title = message.title || texts.untitled;
  nameDocument(texts.pageTitle(title, message.sender_name), locale);
  const stage = element("div", { class: "stage" });
  page.replaceChildren(
    greeting(message, title, texts),
    stage,
    notes(message, texts),
    languageSwitch(locale, texts),
  );
  createPlayer(stage, {
    src: message.video_url,
    poster: message.poster_url,
    captions: message.captions_url,
    captionsLanguage: message.language,
    title,
    aspect: message.aspect,
    durationS: message.duration_s,
    labels: playerLabels[locale],
    onGone: () => {
      showGone(page, locale);
      page.querySelector("h1")?.focus(); // so that a screen reader says what happened
    },
  });
}

/** Draw the page of a link that is unknown, revoked, or whose video is gone. */
export function showGone(page: HTMLElement, locale: PlayerLocale): void {
  const texts = shareTexts[locale];
  nameDocument(texts.goneTitle, locale);
  const words = element(
    "div",
    { class: "gone" },
    outline(ENVELOPE),
    element("h1", { tabindex: "-1" }, texts.goneTitle),
    element("p", {}, texts.gone),
  );
  page.replaceChildren(words, languageSwitch(locale, texts));
}

function nameDocument(title: string, locale: PlayerLocale): void {
  document.title = title;
  document.documentElement.lang = locale;
}

function greeting(message: SharedMessage, title: string, texts: ShareTexts): HTMLElement {
  const sender = message.sender_name;
  const from = sender ? texts.from(sender) : texts.fromSomebody;
  const header = element("header", { class: "greeting" });
  if (sender)
    header.append(element("span", { class: "mark", "aria-hidden": "true" }, initialOf(sender)));
  header.append(
    element("p", { class: "from" }, from),
    element("h1", { lang: message.language || undefined }, title),
  );
  return header;
}

function notes(message: SharedMessage, texts: ShareTexts): HTMLElement {
  const footer = element("div", { class: "notes" });
  if (message.synthetic) footer.append(element("p", {}, outline(WAVE), texts.synthetic));
  if (message.credit) footer.append(element("p", {}, texts.credit(message.credit)));
  return footer;
}

function languageSwitch(locale: PlayerLocale, texts: ShareTexts): HTMLElement {
  const other = locale === "ja" ? "en" : "ja";
  const link = element(
    "a",
    { href: `?lang=${other}`, lang: other, hreflang: other },
    texts.otherLanguage,
  );
  return element("p", { class: "language" }, link);
}

function outline(shape: string): SVGSVGElement {
  const svg = drawing(shape);
  svg.classList.add("outline");
  return svg;
}
