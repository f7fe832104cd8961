/** What was changed in a draft, step by step, to be taken back and done again. */

import { QUIET_MS } from "./autosave";
import type { DraftChanges, DraftContent } from "./draft";
import { type DraftField, groupOf, isSame } from "./sides";

/** One change: its fields before and after. */
export interface Step {
  before: DraftChanges;
  after: DraftChanges;
  beganMs: number;
  endedMs: number;
  /** Its length as text, by which the history is bounded. */
  size: number;
}

export interface Steps {
  past: readonly Step[];
  future: readonly Step[];
}

export const NO_STEPS: Steps = { past: [], future: [] };
export const MOST_STEPS = 100;
/** Characters of text: a script may have 200,000 of them, before and after. */
export const MOST_SIZE = 4_000_000;
/** Keys between which nothing was saved belong together, for as long as this. */
const LONGEST_MS = 10_000;
/** What changes with every key or with every pixel that something is drawn. */
const GRADUAL: readonly string[] = [
  "title",
  "script",
  "title_card",
  "closing_card",
  "readings",
  "deliveries",
  "background",
  "photo_crops",
  "trim_start_s",
  "trim_end_s",
];

/** Note that the draft was `before` and is `after`; what was taken back is gone then. */
export function noted(
  steps: Steps,
  before: DraftContent,
  after: DraftContent,
  nowMs: number,
): Steps {
  const fields = changedFields(before, after);
  if (fields.length === 0) return steps;
  const step = stepOf(pick(before, fields), pick(after, fields), nowMs, nowMs);
  const last = steps.past.at(-1);
  const joined = last && steps.future.length === 0 ? join(last, step) : null;
  const past = joined ? [...steps.past.slice(0, -1), joined] : [...steps.past, step];
  return { past: bounded(past), future: [] };
}

export function undone({ past, future }: Steps): Steps {
  const last = past.at(-1);
  return last ? { past: past.slice(0, -1), future: [closed(last), ...future] } : { past, future };
}

export function redone({ past, future }: Steps): Steps {
  const [next, ...later] = future;
  return next ? { past: [...past, next], future: later } : { past, future };
}

/** Steps in these fields lead to what is not there any more: somebody else has changed them. */
export function withoutFields(steps: Steps, fields: readonly DraftField[]): Steps {
  const touched = fields.flatMap(groupOf);
  const stays = ({ after }: Step) => !touched.some((field) => field in after);
  return { past: steps.past.filter(stays), future: steps.future.filter(stays) };
}

const changedFields = (before: DraftContent, after: DraftContent): DraftField[] =>
  (Object.keys(after) as DraftField[]).filter((field) => !isSame(before[field], after[field]));

const pick = (content: DraftChanges, fields: readonly DraftField[]): DraftChanges =>
  Object.fromEntries(fields.map((field) => [field, content[field]]));

function stepOf(before: DraftChanges, after: DraftChanges, beganMs: number, endedMs: number): Step {
  return { before, after, beganMs, endedMs, size: JSON.stringify([before, after]).length };
}

/** The two as one step, where the second goes on with what the first has begun. */
function join(one: Step, next: Step): Step | null {
  const fields = Object.keys(next.after);
  const goesOn =
    fields.every((field) => GRADUAL.includes(field) && field in one.after) &&
    Object.keys(one.after).length === fields.length;
  const isSoon = next.endedMs - one.endedMs < QUIET_MS && next.endedMs - one.beganMs < LONGEST_MS;
  return goesOn && isSoon ? stepOf(one.before, next.after, one.beganMs, next.endedMs) : null;
}

/** The same step; what is typed after it is undone is another one. */
const closed = (step: Step): Step => ({ ...step, endedMs: Number.NEGATIVE_INFINITY });

function bounded(past: readonly Step[]): readonly Step[] {
  let size = 0;
  const from = past.findLastIndex((step, at) => {
    size += step.size;
    return size > MOST_SIZE || past.length - at > MOST_STEPS;
  });
  return past.slice(Math.min(from + 1, past.length - 1));
}

// --- in words -------------------------------------------------------------------------------

/** What a step does: the name of its kind, or of the field that it changes. */
export type StepName =
  | { kind: "photoAdded" | "photoRemoved" | "photosChanged" | "musicAdded" | "musicRemoved" }
  | { kind: "field"; field: DraftField };

export function nameOf({ before, after }: Step): StepName {
  const fields = Object.keys(after) as DraftField[];
  // An occasion brings cards and music along.
  if (fields.includes("theme")) return { kind: "field", field: "theme" };
  if (fields.some((field) => field === "photo_upload_id" || field === "more_photo_upload_ids")) {
    const more = photosOf(after, before) - photosOf(before, after);
    return { kind: more > 0 ? "photoAdded" : more < 0 ? "photoRemoved" : "photosChanged" };
  }
  if (fields.includes("background")) return { kind: "photosChanged" };
  if (fields.some((field) => field === "music_upload_id" || field === "music_track")) {
    const has = (side: DraftChanges) => Boolean(side.music_upload_id || side.music_track);
    if (has(before) !== has(after)) return { kind: has(after) ? "musicAdded" : "musicRemoved" };
    return { kind: "field", field: "music_upload_id" };
  }
  return { kind: "field", field: fields[0] as DraftField };
}

/** How many photos a side has, as far as the step tells; what it leaves alone is the same in both. */
function photosOf(side: DraftChanges, other: DraftChanges): number {
  const first = "photo_upload_id" in other ? Number(Boolean(side.photo_upload_id)) : 0;
  return first + (side.more_photo_upload_ids?.length ?? 0);
}

// --- the caret ------------------------------------------------------------------------------

/** Where the caret belongs when `before` becomes `after`: behind what is other there. */
export function caretAfter(before: string, after: string): number {
  const most = Math.min(before.length, after.length);
  let begin = 0;
  while (begin < most && before[begin] === after[begin]) begin += 1;
  let same = 0;
  while (same < most - begin && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  return after.length - same;
}
