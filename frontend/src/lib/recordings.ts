/** What a recording's picture is like, and what can be made of a recording. */

import { api, bodyOf, type Message } from "./api";
import { otherLanguage } from "./speech";
import { isTrimmed, type Trim } from "./trim";

/** What a sender says about a recording, besides its two ends. */
export type RecordingContent = Pick<
  Message,
  "title" | "script" | "language" | "voice" | "music_upload_id" | "music_track"
>;

export type RecordingField =
  | "title"
  | "script"
  | "language"
  | "voice"
  | "captions"
  | "music"
  | "theme"
  | "title_card"
  | "closing_card"
  | "burned_captions"
  | "trim";

/** The server's names of the fields, and the place of each in the form. */
export const RECORDING_FIELDS: Readonly<Record<string, RecordingField>> = {
  title: "title",
  script: "script",
  language: "language",
  voice: "voice",
  captions: "captions",
  music: "music",
  music_upload_id: "music",
  music_track: "music",
  theme: "theme",
  title_card: "title_card",
  closing_card: "closing_card",
  burned_captions: "burned_captions",
  trim: "trim",
  trim_start_s: "trim",
  trim_end_s: "trim",
};

/** A changed script; its letters tell its language, unless a voice was chosen to speak it. */
export function scriptChanges(
  { voice, language }: RecordingContent,
  script: string,
): Partial<RecordingContent> {
  const other = voice === null ? otherLanguage(script, language) : null;
  return other ? { script, language: other } : { script };
}

/** A trim as the message keeps it: an end that is not cut is the recording's own. */
export function trimFields(trim: Trim, durationS: number) {
  const isEndCut = isTrimmed({ startS: 0, endS: trim.endS }, durationS);
  return { trim_start_s: trim.startS, trim_end_s: isEndCut ? trim.endS : null };
}

/** Give a message captions as WebVTT, or from a file; the server reads SubRip as well. */
export async function giveCaptions(id: string, captions: File | string): Promise<Message> {
  const isSubRip = captions instanceof File && /\.srt$/i.test(captions.name);
  return bodyOf(
    api.PUT("/api/v1/messages/{message_id}/captions", {
      params: { path: { message_id: id } },
      body: captions instanceof File ? await captions.text() : captions,
      bodySerializer: (text) => text,
      headers: { "Content-Type": isSubRip ? "application/x-subrip" : "text/vtt" },
    }),
  );
}

/** Forget given captions; a finished video gets those back that were made for it. */
export const takeCaptionsAway = (id: string): Promise<Message> =>
  bodyOf(
    api.DELETE("/api/v1/messages/{message_id}/captions", { params: { path: { message_id: id } } }),
  );

export interface VideoFacts {
  widthPx: number;
  heightPx: number;
  durationS: number;
}

/** The frame that the picture is shown in; what is nearly square is shown as a square. */
export function aspectOf(widthPx: number, heightPx: number): "16:9" | "9:16" | "1:1" {
  const shape = widthPx > 0 && heightPx > 0 ? widthPx / heightPx : 16 / 9;
  if (shape >= 5 / 4) return "16:9";
  return shape <= 4 / 5 ? "9:16" : "1:1";
}

/** Ask the browser about a video; null where it cannot play it. */
export function lookInto(src: string): Promise<VideoFacts | null> {
  return new Promise((resolve) => {
    const video = document.createElement("video");
    video.preload = "metadata";
    video.muted = true;
    const done = (facts: VideoFacts | null) => {
      video.removeAttribute("src");
      video.load();
      resolve(facts);
    };
    video.onloadedmetadata = () => {
      // A recorder does not write how long it has recorded.
      const durationS = Number.isFinite(video.duration) ? video.duration : 0;
      done({ widthPx: video.videoWidth, heightPx: video.videoHeight, durationS });
    };
    video.onerror = () => done(null);
    video.src = src;
  });
}
