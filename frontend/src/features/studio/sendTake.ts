/** From the take to the message that is on its way. */

import { api, bodyOf, type Message, type Upload } from "../../lib/api";
import { aspectOf } from "../../lib/recordings";
import { languageOfLetters } from "../../lib/speech";
import { fitTrim, isTrimmed, type Trim } from "../../lib/trim";

export interface Outgoing {
  title: string;
  script: string;
  /** The language of the page, which the letters of the script may overrule. */
  language: string;
  trim: Trim;
  /** The length that the trim was made for, in seconds. */
  durationS: number;
  captions: File | null;
}

/** The fields of the message; the server's own measure of the recording decides about its end. */
export function contentOf(outgoing: Outgoing, upload: Upload) {
  const { title, script, language, durationS } = outgoing;
  const known = upload.video;
  const wholeS = known?.duration_s ?? durationS;
  const trim = fitTrim(outgoing.trim, durationS, wholeS);
  const isEndCut = isTrimmed({ startS: 0, endS: trim.endS }, wholeS);
  return {
    kind: "recording" as const,
    title: title.trim(),
    script: script.trim(),
    language: languageOfLetters(script) ?? language,
    voice: null,
    recording_upload_id: upload.id,
    aspect: aspectOf(known?.width_px ?? 0, known?.height_px ?? 0),
    trim_start_s: trim.startS,
    trim_end_s: isEndCut ? trim.endS : null,
  };
}

/** Make the message, or change the one that an earlier try has made, and order its video. */
export async function sendTake(
  outgoing: Outgoing,
  upload: Upload,
  begun: string | null,
  onBegun: (id: string) => void,
): Promise<Message> {
  const body = contentOf(outgoing, upload);
  const message = begun
    ? await bodyOf(
        api.PATCH("/api/v1/messages/{message_id}", {
          params: { path: { message_id: begun } },
          body,
        }),
      )
    : await bodyOf(api.POST("/api/v1/messages", { body }));
  onBegun(message.id);
  if (outgoing.captions) await giveCaptions(message.id, outgoing.captions);
  const path = { message_id: message.id };
  return bodyOf(api.POST("/api/v1/messages/{message_id}/render", { params: { path } }));
}

/** Give a message captions from a file; the server reads WebVTT and SubRip. */
async function giveCaptions(id: string, file: File): Promise<void> {
  const isSubRip = /\.srt$/i.test(file.name);
  await api.PUT("/api/v1/messages/{message_id}/captions", {
    params: { path: { message_id: id } },
    body: await file.text(),
    bodySerializer: (text) => text,
    headers: { "Content-Type": isSubRip ? "application/x-subrip" : "text/vtt" },
  });
}
