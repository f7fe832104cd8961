/** Captions while they are corrected. Pure: a list in, another list out; times in seconds. */

export interface Cue {
  /** Which one it is while the list is edited; never sent. */
  id: number;
  startS: number;
  endS: number;
  text: string;
}

export type CueEdge = "startS" | "endS";

export const FINE_STEP_S = 0.1;
/** A caption that was just added; people read two or three words a second. */
const NEW_CUE_S = 2;
/** Nothing shorter is left of a caption that is cut in two. */
const SHORTEST_S = 0.1;

const hundredths = (seconds: number): number => Math.max(0, Math.round(seconds * 100) / 100);

// --- WebVTT ----------------------------------------------------------------------------------

const TIMING = /^(?:(\d+):)?(\d\d):(\d\d)\.(\d{3}) --> (?:(\d+):)?(\d\d):(\d\d)\.(\d{3})/;

/** The captions of WebVTT as the server writes it. */
export function parseWebVtt(webvtt: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of webvtt.split(/\n{2,}/)) {
    const lines = block.split("\n").filter((line) => line !== "");
    const at = lines.findIndex((line) => TIMING.test(line));
    const found = TIMING.exec(lines[at] ?? "");
    if (!found) continue;
    const text = lines
      .slice(at + 1)
      .map(unescaped)
      .join("\n");
    cues.push({ id: cues.length, startS: secondsOf(found, 1), endS: secondsOf(found, 5), text });
  }
  return cues;
}

function secondsOf(found: RegExpExecArray, from: number): number {
  const [hours = 0, minutes = 0, seconds = 0, ms = 0] = [0, 1, 2, 3].map((place) =>
    Number(found[from + place] ?? 0),
  );
  return hours * 3600 + minutes * 60 + seconds + ms / 1000;
}

const unescaped = (line: string): string =>
  line.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const escaped = (line: string): string =>
  line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Captions as WebVTT, by their times; a blank line within a text would end it. */
export function asWebVtt(cues: readonly Cue[]): string {
  const blocks = cues
    .toSorted((one, other) => one.startS - other.startS)
    .map(({ startS, endS, text }) => {
      const lines = text.split("\n").filter((line) => line.trim() !== "");
      return `${clockOf(startS)} --> ${clockOf(endS)}\n${lines.map(escaped).join("\n")}\n`;
    });
  return ["WEBVTT\n", ...blocks].join("\n");
}

function clockOf(seconds: number): string {
  const ms = Math.round(seconds * 1000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const rest = String(ms % 1000).padStart(3, "0");
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${rest}`;
}

// --- times as people write them --------------------------------------------------------------

/** A place in the video, `1:05.25`. */
export function timeText(seconds: number): string {
  const all = Math.round(seconds * 100);
  const rest = String(Math.floor(all / 100) % 60).padStart(2, "0");
  return `${Math.floor(all / 6000)}:${rest}.${String(all % 100).padStart(2, "0")}`;
}

/** What was typed as a place, in seconds: `1:05.25`, `65,25`; null where it is none. */
export function parseTime(typed: string): number | null {
  const found = /^(?:(?:(\d+):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)$/.exec(typed.trim());
  if (!found) return null;
  const [, hours = "0", minutes = "0", seconds = "0"] = found;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(",", "."));
}

// --- changes ---------------------------------------------------------------------------------

const replaced = (cues: readonly Cue[], id: number, changes: Partial<Cue>): Cue[] =>
  cues.map((cue) => (cue.id === id ? { ...cue, ...changes } : cue));

const nextId = (cues: readonly Cue[]): number => Math.max(-1, ...cues.map(({ id }) => id)) + 1;

export const withText = (cues: readonly Cue[], id: number, text: string): Cue[] =>
  replaced(cues, id, { text });

/** Move where a caption begins or ends; whether that makes sense is told beside it. */
export const withEdge = (cues: readonly Cue[], id: number, edge: CueEdge, toS: number): Cue[] =>
  replaced(cues, id, { [edge]: hundredths(toS) });

export const without = (cues: readonly Cue[], id: number): Cue[] =>
  cues.filter((cue) => cue.id !== id);

/** Cut a caption in two: its text at `cursor`, its time at `atS`, where these lie within it. */
export function split(cues: readonly Cue[], id: number, cursor: number, atS: number): Cue[] {
  const place = cues.findIndex((cue) => cue.id === id);
  const cue = cues[place];
  if (!cue) return [...cues];
  const cut = cursor > 0 && cursor < cue.text.length ? cursor : middleOf(cue.text);
  const isWithin = atS > cue.startS + SHORTEST_S && atS < cue.endS - SHORTEST_S;
  const share = cue.text.length > 0 ? cut / cue.text.length : 0.5;
  const middleS = hundredths(isWithin ? atS : cue.startS + share * (cue.endS - cue.startS));
  const first = { ...cue, endS: middleS, text: cue.text.slice(0, cut).trim() };
  const second = { ...cue, id: nextId(cues), startS: middleS, text: cue.text.slice(cut).trim() };
  return cues.toSpliced(place, 1, first, second);
}

/** The gap nearest to the middle: the end of a line, of a clause, of a word. */
function middleOf(text: string): number {
  const half = text.length / 2;
  const gaps = [...text.matchAll(/[\n、。，！？,.;:!?…]+\s*|\s+/gu)]
    .map((gap) => gap.index + gap[0].length)
    .filter((place) => place < text.length);
  return gaps.toSorted((a, b) => Math.abs(a - half) - Math.abs(b - half))[0] ?? Math.ceil(half);
}

/** Make one caption of this and the next one. */
export function join(cues: readonly Cue[], id: number): Cue[] {
  const place = cues.findIndex((cue) => cue.id === id);
  const [cue, next] = cues.slice(place, place + 2);
  if (!cue || !next) return [...cues];
  const text = [cue.text, next.text].filter((part) => part !== "").join("\n");
  const startS = Math.min(cue.startS, next.startS);
  return cues.toSpliced(place, 2, { ...cue, startS, endS: Math.max(cue.endS, next.endS), text });
}

/** Add an empty caption after another one, or at `atS` where there is none; the second is its id. */
export function addAfter(cues: readonly Cue[], id: number | null, atS: number): [Cue[], number] {
  const place = cues.findIndex((cue) => cue.id === id);
  const startS = hundredths(cues[place]?.endS ?? atS);
  const nextS = cues[place + 1]?.startS ?? Number.POSITIVE_INFINITY;
  const room = nextS - startS;
  const endS = hundredths(startS + (room > SHORTEST_S ? Math.min(room, NEW_CUE_S) : NEW_CUE_S));
  const added = { id: nextId(cues), startS, endS, text: "" };
  return [cues.toSpliced(place + 1, 0, added), added.id];
}

// --- what is wrong ---------------------------------------------------------------------------

/** `overlap` and `late` are odd but can be saved; the others cannot. */
export type CueFault = "empty" | "reversed" | "overlap" | "late";
const UNSAVABLE: readonly CueFault[] = ["empty", "reversed"];

export function faultOf(cues: readonly Cue[], place: number, durationS: number): CueFault | null {
  const cue = cues[place];
  if (!cue) return null;
  if (cue.text.trim() === "") return "empty";
  if (cue.endS <= cue.startS) return "reversed";
  if (cue.startS >= durationS) return "late";
  const before = cues[place - 1];
  return before && cue.startS < before.endS - 0.005 ? "overlap" : null;
}

/** Whether the server would take the captions as they are. */
export const isSavable = (cues: readonly Cue[]): boolean =>
  cues.length > 0 &&
  cues.every((_cue, place) => {
    const fault = faultOf(cues, place, Number.POSITIVE_INFINITY);
    return fault === null || !UNSAVABLE.includes(fault);
  });

/** The caption that is seen at a moment. */
export const cueAt = (cues: readonly Cue[], atS: number): Cue | undefined =>
  cues.find(({ startS, endS }) => startS <= atS && atS < endS);

// --- undo ------------------------------------------------------------------------------------

export interface History {
  now: readonly Cue[];
  past: readonly (readonly Cue[])[];
  future: readonly (readonly Cue[])[];
  /** The text that is being typed: its letters are undone together. */
  typing: { id: number; atMs: number } | null;
}

const TYPED_TOGETHER_MS = 1000;

export const beginHistory = (cues: readonly Cue[]): History => ({
  now: cues,
  past: [],
  future: [],
  typing: null,
});

/** Note a change; `typing` says whose text was typed, and when. */
export function changed(
  history: History,
  cues: readonly Cue[],
  typing: History["typing"] = null,
): History {
  const { past, now, typing: before } = history;
  const isSameRun =
    typing !== null && before?.id === typing.id && typing.atMs - before.atMs < TYPED_TOGETHER_MS;
  return { now: cues, past: isSameRun ? past : [...past, now], future: [], typing };
}

export function undone({ now, past, future, ...rest }: History): History {
  const before = past.at(-1);
  if (!before) return { now, past, future, ...rest };
  return { now: before, past: past.slice(0, -1), future: [now, ...future], typing: null };
}

export function redone({ now, past, future, ...rest }: History): History {
  const [next, ...later] = future;
  if (!next) return { now, past, future, ...rest };
  return { now: next, past: [...past, now], future: later, typing: null };
}
