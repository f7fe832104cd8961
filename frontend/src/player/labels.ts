/** Every word of the player, in the two languages of the product. */

export type PlayerLocale = "en" | "ja";

/** Why a video does not play, as far as a page can find out. */
export type Failure = "offline" | "unavailable" | "gone" | "unplayable";

export interface PlayerLabels {
  region: (title: string) => string;
  controls: string;
  play: string;
  pause: string;
  playTitle: (title: string, duration: string) => string;
  resumeAt: (time: string) => string;
  fromStart: string;
  replay: string;
  seek: string;
  position: (current: string, total: string) => string;
  captions: string;
  mute: string;
  unmute: string;
  volume: string;
  speed: string;
  pictureInPicture: string;
  leavePictureInPicture: string;
  fullScreen: string;
  leaveFullScreen: string;
  loading: string;
  startsByItself: string;
  tryAgain: string;
  failures: Record<Failure, string>;
}

const en: PlayerLabels = {
  region: (title) => `Video: ${title}`,
  controls: "Player controls",
  play: "Play",
  pause: "Pause",
  playTitle: (title, duration) => `Play “${title}”, ${duration}`,
  resumeAt: (time) => `Resume at ${time}`,
  fromStart: "From the start",
  replay: "Watch again",
  seek: "Position",
  position: (current, total) => `${current} of ${total}`,
  captions: "Captions",
  mute: "Mute",
  unmute: "Unmute",
  volume: "Volume",
  speed: "Speed",
  pictureInPicture: "Picture in picture",
  leavePictureInPicture: "Leave picture in picture",
  fullScreen: "Full screen",
  leaveFullScreen: "Leave full screen",
  loading: "Loading…",
  startsByItself: "It starts by itself.",
  tryAgain: "Try again",
  failures: {
    offline: "The connection was lost. The video goes on from the same place when it is back.",
    unavailable: "The video cannot be loaded at the moment. Please try again in a little while.",
    gone: "This video is no longer here.",
    unplayable: "This browser could not play the video.",
  },
};

const ja: PlayerLabels = {
  region: (title) => `動画：${title}`,
  controls: "再生の操作",
  play: "再生",
  pause: "一時停止",
  playTitle: (title, duration) => `「${title}」を再生（${duration}）`,
  resumeAt: (time) => `${time} から続きを見る`,
  fromStart: "最初から見る",
  replay: "もう一度見る",
  seek: "再生位置",
  position: (current, total) => `${total} 中 ${current}`,
  captions: "字幕",
  mute: "音を消す",
  unmute: "音を出す",
  volume: "音量",
  speed: "再生速度",
  pictureInPicture: "小窓で再生",
  leavePictureInPicture: "小窓を閉じる",
  fullScreen: "全画面",
  leaveFullScreen: "全画面を終わる",
  loading: "読み込んでいます…",
  startsByItself: "用意ができしだい始まります。",
  tryAgain: "もう一度試す",
  failures: {
    offline: "通信が途切れました。つながると同じところから続きます。",
    unavailable: "いまは動画を読み込めません。少し待って、もう一度お試しください。",
    gone: "この動画はもうありません。",
    unplayable: "このブラウザでは動画を再生できませんでした。",
  },
};

export const playerLabels: Record<PlayerLocale, PlayerLabels> = { en, ja };
