/** What the backend writes into the page about the message it shows. */

import type { Aspect } from "../player/player";

/** The `<script type="application/json" id="share">` of the page; URLs are on this origin. */
export interface SharedMessage {
  title: string;
  sender_name: string;
  duration_s: number | null;
  aspect: Aspect;
  video_url: string;
  poster_url: string | null;
  captions_url: string | null;
  language: string;
  credit: string | null;
  synthetic: boolean;
}

const ASPECTS: readonly string[] = ["16:9", "9:16", "1:1"];

/** The message of this page, or null where the link leads to nothing (any more). */
export function readSharedMessage(page: Document): SharedMessage | null {
  const written = page.getElementById("share")?.textContent;
  if (!written) return null;
  const parsed = parse(written);
  if (!parsed || typeof parsed.video_url !== "string") return null;
  return {
    title: text(parsed.title) ?? "",
    sender_name: text(parsed.sender_name) ?? "",
    duration_s: typeof parsed.duration_s === "number" ? parsed.duration_s : null,
    aspect: aspectOf(parsed.aspect),
    video_url: parsed.video_url,
    poster_url: text(parsed.poster_url),
    captions_url: text(parsed.captions_url),
    language: text(parsed.language) ?? "",
    credit: text(parsed.credit),
    synthetic: parsed.synthetic === true,
  };
}

function parse(written: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(written);
    return typeof parsed === "object" ? (parsed as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

function aspectOf(value: unknown): Aspect {
  return ASPECTS.includes(String(value)) ? (value as Aspect) : "16:9";
}
