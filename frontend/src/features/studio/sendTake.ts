/** From the take to the message that is on its way. */

import { api, bodyOf, type Message, type Upload } from "../../lib/api";
import { aspectOf, giveCaptions, type RecordingContent, trimFields } from "../../lib/recordings";
import { fitTrim, type Trim } from "../../lib/trim";

export interface Outgoing {
  content: RecordingContent;
  trim: Trim;
  /** The length that the trim was made for, in seconds. */
  durationS: number;
  captions: File | null;
}

/** The fields of the message; the server's own measure of the recording decides about its end. */
export function contentOf(outgoing: Outgoing, upload: Upload) {
  const { content, durationS } = outgoing;
  const known = upload.video;
  const wholeS = known?.duration_s ?? durationS;
  return {
    ...content,
    kind: "recording" as const,
    title: content.title.trim(),
    script: content.script.trim(),
    recording_upload_id: upload.id,
    aspect: aspectOf(known?.width_px ?? 0, known?.height_px ?? 0),
    ...trimFields(fitTrim(outgoing.trim, durationS, wholeS), wholeS),
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
