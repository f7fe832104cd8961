/** Every word of the recipient's page, and the choice between its two languages. */

import type { PlayerLocale } from "../player/labels";

export interface ShareTexts {
  from: (sender: string) => string;
  fromSomebody: string;
  pageTitle: (title: string, sender: string) => string;
  untitled: string;
  synthetic: string;
  credit: (credit: string) => string;
  goneTitle: string;
  gone: string;
  otherLanguage: string;
}

export const shareTexts: Record<PlayerLocale, ShareTexts> = {
  en: {
    from: (sender) => `A video message from ${sender}`,
    fromSomebody: "A video message for you",
    pageTitle: (title, sender) => (sender ? `${title} – ${sender}` : title),
    untitled: "Video message",
    synthetic: "The voice in this video is synthetic, made with the speaker’s consent.",
    credit: (credit) => `Voice: ${credit}`,
    goneTitle: "This message is not here",
    gone: "The link may be incomplete, or the sender has taken the message back. Please ask the sender for a new link.",
    otherLanguage: "日本語",
  },
  ja: {
    from: (sender) => `${sender} さんからのビデオメッセージ`,
    fromSomebody: "ビデオメッセージが届いています",
    pageTitle: (title, sender) => (sender ? `${title}｜${sender}` : title),
    untitled: "ビデオメッセージ",
    synthetic: "この動画の声は、本人の同意を得て作られた合成音声です。",
    credit: (credit) => `音声：${credit}`,
    goneTitle: "メッセージが見つかりません",
    gone: "リンクが途中で切れているか、送った方がメッセージを取り下げました。送った方に新しいリンクをお尋ねください。",
    otherLanguage: "English",
  },
};

/**
 * The page's language: what the viewer chose (`?lang=`), else the first of the browser's languages
 * that the page speaks, else the message's own, else English.
 */
export function chooseLocale(
  query: string,
  browserLanguages: readonly string[],
  messageLanguage: string,
): PlayerLocale {
  const chosen = new URLSearchParams(query).get("lang");
  for (const language of [chosen ?? "", ...browserLanguages, messageLanguage]) {
    const primary = language.toLowerCase().split("-")[0];
    if (primary === "ja" || primary === "en") return primary;
  }
  return "en";
}

/** The initial for the sender's round mark: one whole character, never half of one. */
export function initialOf(sender: string): string {
  return [...sender.trim()][0]?.toUpperCase() ?? "";
}
