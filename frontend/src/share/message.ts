/** What the backend writes into the page about the message it shows. */

import type { Aspect } from "../player/player";
import type { Making, Phase } from "./source";

/** What can be shown of a message by now; `/state` tells the same while it is being made. */
export interface Playback extends Making {
  poster_url: string | null;
  captions_url: string | null;
  waveform_url: string | null;
  /** Whether there are captions that may be saved. */
  has_words: boolean;
}

export interface CallToAction {
  label: string;
  url: string;
}

/** The `<script type="application/json" id="share">` of the page; URLs are on this origin. */
export interface SharedMessage extends Playback {
  title: string;
  sender_name: string;
  aspect: Aspect;
  /** Of the picture, where the backend knows it; a camera's is of any shape. */
  width_px: number | null;
  height_px: number | null;
  language: string;
  credit: string | null;
  synthetic: boolean;
  allow_download: boolean;
  allow_reactions: boolean;
  allow_replies: boolean;
  cta: CallToAction | null;
  needs_admission: boolean;
  expires_at: string | null;
  reactions: Record<string, number>;
  own_reactions: string[];
  is_sender: boolean;
  is_embed: boolean;
}

/** Why a link shows no message. */
export type Closed = "gone" | "expired" | "spent" | "failed" | "embed_off";

/** What a link leads to. */
export type Facts =
  | { state: "ok"; message: SharedMessage }
  | { state: "needs_password" }
  | { state: Closed };

const ASPECTS: readonly string[] = ["16:9", "9:16", "1:1"];
const PHASES: readonly string[] = ["processing", "ready", "failed"];
const CLOSED: readonly string[] = ["expired", "spent", "embed_off"];

/** What this page is about; a page without facts is one whose link leads to nothing (any more). */
export function readFacts(page: Document): Facts {
  const written = parse(page.getElementById("share")?.textContent ?? "");
  if (!written) return { state: "gone" };
  if (written.state === "needs_password") return { state: "needs_password" };
  if (CLOSED.includes(String(written.state))) return { state: written.state as Closed };
  const playback = readPlayback(written);
  if (!playback) return { state: "gone" };
  return { state: "ok", message: { ...readMessage(written), ...playback } };
}

/** What can be shown by now, or null where this is something else. */
export function readPlayback(written: unknown): Playback | null {
  if (!isRecord(written) || !PHASES.includes(String(written.phase))) return null;
  return {
    phase: written.phase as Phase,
    percent: number(written.percent),
    video_url: text(written.video_url),
    stream_url: text(written.stream_url),
    stream_type: text(written.stream_type),
    duration_s: number(written.duration_s),
    poster_url: text(written.poster_url),
    captions_url: text(written.captions_url),
    waveform_url: text(written.waveform_url),
    has_words: written.has_words === true,
  };
}

function readMessage(written: Record<string, unknown>): Omit<SharedMessage, keyof Playback> {
  return {
    title: text(written.title) ?? "",
    sender_name: text(written.sender_name) ?? "",
    aspect: aspectOf(written.aspect),
    width_px: number(written.width_px),
    height_px: number(written.height_px),
    language: text(written.language) ?? "",
    credit: text(written.credit),
    synthetic: written.synthetic === true,
    allow_download: written.allow_download === true,
    allow_reactions: written.allow_reactions === true,
    allow_replies: written.allow_replies === true,
    cta: callToAction(written.cta),
    needs_admission: written.needs_admission === true,
    expires_at: text(written.expires_at),
    reactions: counts(written.reactions),
    own_reactions: texts(written.own_reactions),
    is_sender: written.is_sender === true,
    is_embed: written.is_embed === true,
  };
}

/** How often each emoji was given. */
export function counts(written: unknown): Record<string, number> {
  const entries = isRecord(written) ? Object.entries(written) : [];
  return Object.fromEntries(entries.filter((entry) => typeof entry[1] === "number")) as Record<
    string,
    number
  >;
}

/** The words in a list; what is no word is left out. */
export function texts(written: unknown): string[] {
  return Array.isArray(written) ? written.filter((value) => typeof value === "string") : [];
}

/** Only https leads away from the page, whatever was written. */
function callToAction(written: unknown): CallToAction | null {
  if (!isRecord(written)) return null;
  const label = text(written.label);
  const url = text(written.url);
  return label && url?.startsWith("https://") ? { label, url } : null;
}

function parse(written: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(written);
    return isRecord(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function aspectOf(value: unknown): Aspect {
  return ASPECTS.includes(String(value)) ? (value as Aspect) : "16:9";
}
