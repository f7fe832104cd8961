/** A sentence in a voice, to be heard. */

import type { components } from "../api/schema";
import { api } from "./api";
import { Problem } from "./problems";

const PREVIEW_LIMIT = 300;

/** Whether an id is one of the voices that come with the app. */
export const isBaseVoice = (id: string): boolean => id.includes(":");

/** The first sentence or two of a text: enough to hear a voice by. */
export function openingOf(text: string): string {
  const whole = text.trim().replaceAll(/\s+/g, " ");
  const sentence = whole.match(/^.{8,}?[.!?。！？](?=\s|$|[^\d])/u)?.[0] ?? whole;
  return [...sentence].slice(0, PREVIEW_LIMIT).join("");
}

/** How a sentence is to be said; `reading` is the line of kana by which it is read. */
export interface Wish {
  reading?: string;
  delivery?: components["schemas"]["Delivery"];
}

/** The spoken sentence as a sound file. */
export async function fetchPreview(
  voiceId: string,
  text: string,
  language: string,
  signal: AbortSignal,
  wish: Wish = {},
): Promise<Blob> {
  const request = {
    params: { path: { voice_id: voiceId } },
    body: { text, language, ...wish },
    parseAs: "blob",
    signal,
  } as const;
  const { data: sound } = isBaseVoice(voiceId)
    ? await api.POST("/api/v1/base-voices/{voice_id}/preview", request)
    : await api.POST("/api/v1/voices/{voice_id}/preview", request);
  if (!(sound instanceof Blob)) throw new Problem("http", 200, "No sound came back.");
  return sound;
}
