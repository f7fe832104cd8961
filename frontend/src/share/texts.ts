/** Every word of the recipient's page up to the reply, and the choice between its two languages. */

import type { PlayerLocale } from "../player/labels";
import type { Closed } from "./message";

export interface ShareTexts {
  from: (sender: string) => string;
  fromSomebody: string;
  pageTitle: (title: string, sender: string) => string;
  untitled: string;
  synthetic: string;
  credit: (credit: string) => string;
  expires: (when: Date) => string;
  youAreTheSender: string;
  beingMade: (percent: number | null) => string;
  isBeingMade: string;
  isReady: string;
  download: string;
  words: string;
  transcript: string;
  newTab: string;
  closed: Record<Closed, { title: string; words: string }>;
  offline: string;
  watchFirst: string;
  tooMany: (waitS: number) => string;
  otherLanguage: string;
  password: PasswordTexts;
  reactions: ReactionTexts;
  reply: ReplyWayTexts;
  fullPage: string;
}

export interface PasswordTexts {
  title: string;
  words: string;
  label: string;
  open: string;
  show: string;
  empty: string;
  wrong: string;
}

export interface ReactionTexts {
  group: string;
  names: Record<string, string>;
  button: (name: string, count: number) => string;
  given: (name: string, time: string) => string;
  takenBack: (name: string) => string;
}

export interface ReplyWayTexts {
  title: (sender: string) => string;
  titleToSomebody: string;
  write: string;
  voice: string;
  video: string;
  unloaded: string;
}

export const shareTexts: Record<PlayerLocale, ShareTexts> = {
  en: {
    from: (sender) => `A video message from ${sender}`,
    fromSomebody: "A video message for you",
    pageTitle: (title, sender) => (sender ? `${title} – ${sender}` : title),
    untitled: "Video message",
    synthetic: "The voice in this video is synthetic, made with the speaker’s consent.",
    credit: (credit) => `Voice: ${credit}`,
    expires: (when) => `This link works until ${moment("en", when)}.`,
    youAreTheSender: "You sent this message: your own visits are not counted.",
    beingMade: (percent) =>
      percent === null ? "The video is being made." : `The video is being made: ${percent} %`,
    isBeingMade: "The video is still being made. This page goes on by itself when it is ready.",
    isReady: "The video is ready.",
    download: "Download",
    words: "The words:",
    transcript: "Plain text",
    newTab: "(opens in a new tab)",
    closed: {
      gone: {
        title: "This message is not here",
        words:
          "The link may be incomplete, or the sender has taken the message back. Please ask the sender for a new link.",
      },
      expired: {
        title: "This link has expired",
        words:
          "The sender had set a day until which it works, and that day is over. Please ask the sender for a new link.",
      },
      spent: {
        title: "This message has been watched often enough",
        words:
          "The sender had limited how many people may open this link, and all its places are taken. Please ask the sender for a new link.",
      },
      failed: {
        title: "This video could not be made",
        words:
          "Something went wrong while it was being made. The sender can see that, too, and can make it again.",
      },
      embed_off: {
        title: "Please open this message on its own page",
        words: "It is protected, and so it cannot be shown inside another page.",
      },
    },
    offline: "The connection was lost. Please try again.",
    watchFirst: "Please start the video first: this link counts its viewers.",
    tooMany: (waitS) =>
      waitS > 0
        ? `That was tried too often. Please wait ${waitS} seconds.`
        : "That was tried too often. Please wait a minute.",
    otherLanguage: "日本語",
    password: {
      title: "This message needs a password",
      words: "The person who sent you the link has it.",
      label: "Password",
      open: "Open the message",
      show: "Show the password",
      empty: "Please type the password.",
      wrong: "That is not the password. Capital and small letters differ.",
    },
    reactions: {
      group: "React",
      names: {
        "👍": "Thumbs up",
        "❤️": "Heart",
        "😂": "Laughing",
        "😮": "Surprised",
        "😢": "Moved to tears",
        "🎉": "Congratulations",
        "🙏": "Thank you",
      },
      button: (name, count) => (count > 0 ? `${name}, ${count}` : name),
      given: (name, time) => `${name} at ${time}. Press again to take it back.`,
      takenBack: (name) => `${name}: taken back.`,
    },
    reply: {
      title: (sender) => `Reply to ${sender}`,
      titleToSomebody: "Reply",
      write: "Write",
      voice: "Speak",
      video: "Video",
      unloaded: "This part of the page could not be loaded. Please try again.",
    },
    fullPage: "Open the full page",
  },
  ja: {
    from: (sender) => `${sender} さんからのビデオメッセージ`,
    fromSomebody: "ビデオメッセージが届いています",
    pageTitle: (title, sender) => (sender ? `${title}｜${sender}` : title),
    untitled: "ビデオメッセージ",
    synthetic: "この動画の声は、本人の同意を得て作られた合成音声です。",
    credit: (credit) => `音声：${credit}`,
    expires: (when) => `このリンクは ${moment("ja", when)} まで開けます。`,
    youAreTheSender: "ご自分が送ったメッセージです。ご自身の再生は数えません。",
    beingMade: (percent) =>
      percent === null ? "動画を用意しています" : `動画を用意しています：${percent} %`,
    isBeingMade: "動画を用意しています。できあがると、このページのまま見られるようになります。",
    isReady: "動画の用意ができました。",
    download: "ダウンロード",
    words: "字幕と文章：",
    transcript: "テキスト",
    newTab: "（新しいタブで開きます）",
    closed: {
      gone: {
        title: "メッセージが見つかりません",
        words:
          "リンクが途中で切れているか、送った方がメッセージを取り下げました。送った方に新しいリンクをお尋ねください。",
      },
      expired: {
        title: "リンクの期限が切れています",
        words:
          "送った方が決めた期限を過ぎたため、開けなくなりました。送った方に新しいリンクをお尋ねください。",
      },
      spent: {
        title: "このリンクはもう開けません",
        words:
          "送った方が決めた人数の方が、すでにこのメッセージを見ました。送った方に新しいリンクをお尋ねください。",
      },
      failed: {
        title: "動画を用意できませんでした",
        words:
          "動画を作っている途中で問題が起きました。送った方にも知らせてあり、作り直すことができます。",
      },
      embed_off: {
        title: "専用のページでご覧ください",
        words: "保護されたメッセージなので、ほかのページの中には表示できません。",
      },
    },
    offline: "通信が途切れました。もう一度お試しください。",
    watchFirst: "先に動画を再生してください。このリンクでは、見る方の人数を数えています。",
    tooMany: (waitS) =>
      waitS > 0
        ? `続けて何度も試されました。${waitS} 秒ほど待って、もう一度お試しください。`
        : "続けて何度も試されました。1 分ほど待って、もう一度お試しください。",
    otherLanguage: "English",
    password: {
      title: "このメッセージはパスワードで守られています",
      words: "パスワードは、リンクを送った方にお尋ねください。",
      label: "パスワード",
      open: "メッセージを開く",
      show: "パスワードを表示",
      empty: "パスワードを入力してください。",
      wrong: "パスワードが違います。大文字と小文字は区別されます。",
    },
    reactions: {
      group: "気持ちを伝える",
      names: {
        "👍": "いいね",
        "❤️": "大好き",
        "😂": "笑った",
        "😮": "びっくり",
        "😢": "じーんときた",
        "🎉": "おめでとう",
        "🙏": "ありがとう",
      },
      button: (name, count) => (count > 0 ? `${name}（${count}）` : name),
      given: (name, time) => `${time} に「${name}」を送りました。もう一度押すと取り消せます。`,
      takenBack: (name) => `「${name}」を取り消しました。`,
    },
    reply: {
      title: (sender) => `${sender} さんに返事をする`,
      titleToSomebody: "返事をする",
      write: "文字で",
      voice: "声で",
      video: "動画で",
      unloaded: "この部分を読み込めませんでした。もう一度お試しください。",
    },
    fullPage: "専用のページで開く",
  },
};

function moment(locale: PlayerLocale, when: Date): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" }).format(when);
}

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
