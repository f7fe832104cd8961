/** Every word of a reply, loaded with it. */

import type { PlayerLocale } from "../../player/labels";

/** What keeps a camera or microphone from opening, or ended it. */
export type Obstacle = "denied" | "no_device" | "busy" | "insecure" | "ended" | "empty";

export interface ReplyTexts {
  name: string;
  nameHint: string;
  text: string;
  left: (count: number) => string;
  empty: string;
  send: string;
  cancel: string;
  sending: string;
  sent: string;
  sentWords: string;
  another: string;
  refused: string;
  off: string;
  full: string;
  tooLarge: string;
  noRoom: string;
  asking: { voice: string; video: string };
  startsIn: (count: number) => string;
  startNow: string;
  recording: string;
  stop: string;
  reachedEnd: string;
  listen: string;
  watch: string;
  again: string;
  level: string;
  tryAgain: string;
  uploading: (percent: number) => string;
  checking: string;
  obstacles: Record<Obstacle, string>;
}

export const replyTexts: Record<PlayerLocale, ReplyTexts> = {
  en: {
    name: "Your name",
    nameHint: "if you like",
    text: "Your reply",
    left: (count) => (count >= 0 ? `${count} characters left` : `${-count} characters too many`),
    empty: "Please write something first.",
    send: "Send",
    cancel: "Cancel",
    sending: "Sending…",
    sent: "Your reply is on its way",
    sentWords: "The sender finds it beside the message.",
    another: "Send another reply",
    refused: "The reply could not be sent. Please try again in a little while.",
    off: "The sender takes no replies any more.",
    full: "This link takes no more replies.",
    tooLarge: "The recording is too long. Please make a shorter one.",
    noRoom: "The sender has no room left for recordings. You can write your reply instead.",
    asking: {
      voice: "Your browser asks whether this page may use the microphone. Please allow it.",
      video: "Your browser asks whether this page may use camera and microphone. Please allow it.",
    },
    startsIn: (count) => `Recording starts in ${count}`,
    startNow: "Start now",
    recording: "Recording",
    stop: "Stop",
    reachedEnd: "Three minutes are over, and the recording was stopped.",
    listen: "Your recording",
    watch: "Your recording",
    again: "Record again",
    level: "Level of the microphone",
    tryAgain: "Try again",
    uploading: (percent) => `Sending: ${percent} %`,
    checking: "Nearly there…",
    obstacles: {
      denied:
        "Microphone or camera are not allowed for this page. Allow them in the browser’s settings, beside the address, then try again.",
      no_device: "No microphone or camera was found. Plug one in, then try again.",
      busy: "Another program is using the microphone or camera. Close it, then try again.",
      insecure: "Recording needs a secure address (https). You can write instead.",
      ended: "The microphone or camera went away. What was recorded until then is kept.",
      empty: "Nothing was recorded. Please try again.",
    },
  },
  ja: {
    name: "お名前",
    nameHint: "任意",
    text: "返事",
    left: (count) => (count >= 0 ? `あと ${count} 文字` : `${-count} 文字超えています`),
    empty: "返事を入力してください。",
    send: "送る",
    cancel: "やめる",
    sending: "送っています…",
    sent: "返事を送りました",
    sentWords: "送り主のメッセージの画面に届きます。",
    another: "もう一つ返事を送る",
    refused: "返事を送れませんでした。少し待って、もう一度お試しください。",
    off: "送り主は返事の受け付けを終えました。",
    full: "このリンクでは、これ以上返事を受け付けられません。",
    tooLarge: "録音が長すぎます。もう少し短く録り直してください。",
    noRoom: "送り主の保存容量がいっぱいのため、録音や録画は送れません。文字の返事なら送れます。",
    asking: {
      voice: "ブラウザーがマイクの使用を確認しています。許可してください。",
      video: "ブラウザーがカメラとマイクの使用を確認しています。許可してください。",
    },
    startsIn: (count) => `${count} 秒後に始まります`,
    startNow: "すぐに始める",
    recording: "録音中",
    stop: "終わる",
    reachedEnd: "3 分になったので、ここで止めました。",
    listen: "録音した声",
    watch: "録画した動画",
    again: "録り直す",
    level: "マイクの音量",
    tryAgain: "もう一度試す",
    uploading: (percent) => `送っています：${percent} %`,
    checking: "もうすぐ終わります…",
    obstacles: {
      denied:
        "マイクやカメラの使用が許可されていません。アドレス欄の横の設定で許可してから、もう一度お試しください。",
      no_device: "マイクやカメラが見つかりません。つないでから、もう一度お試しください。",
      busy: "ほかのアプリがマイクやカメラを使っています。閉じてから、もう一度お試しください。",
      insecure: "録音には安全な接続（https）が必要です。文字での返事はできます。",
      ended: "マイクやカメラが使えなくなりました。それまでの分は残っています。",
      empty: "何も録れませんでした。もう一度お試しください。",
    },
  },
};
