/**
 * What the studio does, as a pure function: state and event in, state and effects out. Cameras,
 * recorders and clocks are elsewhere and only carry out the effects.
 */

import type { CaptureFailure } from "../../lib/capture";

export type Phase =
  /** Before the first tap: nothing has been asked of the browser. */
  | "intro"
  | "asking"
  | "blocked"
  | "ready"
  | "countdown"
  | "recording"
  | "paused"
  /** The recorder hands over its last chunk. */
  | "stopping"
  | "review";

/** What happened to a take without the speaker's doing. */
export type Mishap = "limit" | "camera_lost" | "microphone_lost" | "nothing" | "recorder_failed";

export interface StudioState {
  phase: Phase;
  failure: CaptureFailure | null;
  /** Seconds of the countdown that are left. */
  left: number;
  elapsedS: number;
  /** Ids of the takes of this visit, the oldest first. */
  takes: readonly string[];
  /** The take that is shown and would be sent. */
  chosen: string | null;
  mishap: Mishap | null;
  /** Paused because another app or a call has taken the camera or the microphone. */
  isInterrupted: boolean;
  /** What comes when the camera is open or the recorder has stopped. */
  next: "ready" | "countdown";
  isCountdownOn: boolean;
}

export type StudioEvent =
  | { type: "open" }
  | { type: "opened" }
  | { type: "refused"; failure: CaptureFailure }
  | { type: "leave" }
  | { type: "record" }
  | { type: "count" }
  | { type: "skip" }
  | { type: "cancel" }
  | { type: "tick"; elapsedS: number }
  | { type: "pause" }
  | { type: "resume" }
  | { type: "stop" }
  | { type: "interrupted" }
  | { type: "uninterrupted" }
  | { type: "lost"; device: "camera" | "microphone" }
  | { type: "broken" }
  | { type: "stopped"; take: string | null }
  | { type: "retake" }
  | { type: "undo" }
  | { type: "choose"; take: string }
  | { type: "forget"; take: string }
  | { type: "bring"; take: string }
  | { type: "countdown"; isOn: boolean };

export type Effect = "open" | "close" | "startClock" | "stopClock" | RecorderEffect;
export type RecorderEffect = "record" | "pause" | "resume" | "stop";

/** The server takes an hour; the recorder's own last second must still fit. */
export const LONGEST_S = 3595;
/** From here on the timer says how much is left. */
export const WARN_S = LONGEST_S - 300;
export const COUNT_FROM = 3;
const STOP_AFTER_S = 0.5;

export const beginning: StudioState = {
  phase: "intro",
  failure: null,
  left: 0,
  elapsedS: 0,
  takes: [],
  chosen: null,
  mishap: null,
  isInterrupted: false,
  next: "ready",
  isCountdownOn: true,
};

export interface Step {
  state: StudioState;
  effects: readonly Effect[];
}

/** Carry the studio on by one event; what does not fit the moment changes nothing. */
export function step(state: StudioState, event: StudioEvent): Step {
  switch (event.type) {
    case "open":
      return isAny(state, "intro", "blocked", "ready") ? openCamera(state) : stay(state);
    case "opened":
      return state.phase === "asking" ? opened(state) : stay(state);
    case "refused":
      return isAny(state, "asking", "ready", "countdown")
        ? refused(state, event.failure)
        : stay(state);
    case "record":
      return state.phase === "ready" ? begin(state) : stay(state);
    case "count":
      return state.phase === "countdown" ? count(state) : stay(state);
    case "skip":
      return state.phase === "countdown" ? record(state) : stay(state);
    case "cancel":
      return state.phase === "countdown" ? cancel(state) : stay(state);
    case "tick":
      return state.phase === "recording" ? tick(state, event.elapsedS) : stay(state);
    case "pause":
      return state.phase === "recording" ? go(state, { phase: "paused" }, "pause") : stay(state);
    case "resume":
      return state.phase === "paused" && !state.isInterrupted
        ? go(state, { phase: "recording" }, "resume")
        : stay(state);
    case "stop":
      return isRolling(state) && !isJustBegun(state) ? stop(state) : stay(state);
    case "interrupted":
      return interrupted(state);
    case "uninterrupted":
      return go(state, { isInterrupted: false });
    case "lost":
      return lost(state, event.device);
    case "broken":
      return isRolling(state) ? stop(state, { mishap: "recorder_failed" }) : stay(state);
    case "stopped":
      return state.phase === "stopping" ? stopped(state, event.take) : stay(state);
    case "retake":
      return retake(state);
    case "undo":
      return undo(state);
    case "choose":
      return state.takes.includes(event.take) ? go(state, { chosen: event.take }) : stay(state);
    case "bring":
      return bring(state, event.take);
    case "forget":
      return forget(state, event.take);
    case "countdown":
      return go(state, { isCountdownOn: event.isOn });
    case "leave":
      return isRolling(state) ? stop(state) : go(state, {}, "stopClock", "close");
  }
}

/** Whether a take is being recorded, paused or not. */
export const isRolling = (state: Pick<StudioState, "phase">): boolean =>
  isAny(state, "recording", "paused");

/** Whoever wants to skip the countdown as it ends must not stop the take that it has begun. */
const isJustBegun = (state: StudioState): boolean =>
  state.phase === "recording" && state.elapsedS < STOP_AFTER_S;

const isAny = (state: Pick<StudioState, "phase">, ...phases: Phase[]): boolean =>
  phases.includes(state.phase);

const stay = (state: StudioState): Step => ({ state, effects: [] });

const go = (state: StudioState, changes: Partial<StudioState>, ...effects: Effect[]): Step => ({
  state: { ...state, ...changes },
  effects,
});

const openCamera = (state: StudioState): Step =>
  go(state, { phase: "asking", failure: null }, "open");

function opened(state: StudioState): Step {
  const ready = { ...state, phase: "ready" as const, next: "ready" as const };
  return state.next === "countdown" ? begin(ready) : stay(ready);
}

const refused = (state: StudioState, failure: CaptureFailure): Step =>
  go(state, { phase: "blocked", failure, next: "ready" }, "stopClock", "close");

function begin(state: StudioState): Step {
  const fresh = { ...state, elapsedS: 0, mishap: null, isInterrupted: false };
  if (!state.isCountdownOn) return record(fresh);
  return go(fresh, { phase: "countdown", left: COUNT_FROM }, "startClock");
}

const count = (state: StudioState): Step =>
  state.left > 1 ? go(state, { left: state.left - 1 }) : record(state);

const record = (state: StudioState): Step =>
  go(state, { phase: "recording", left: 0 }, "stopClock", "record");

/** Back to where one came from: the takes that there are, or the camera. */
const cancel = (state: StudioState): Step =>
  state.takes.length > 0
    ? go(state, { phase: "review", left: 0 }, "stopClock", "close")
    : go(state, { phase: "ready", left: 0 }, "stopClock");

const tick = (state: StudioState, elapsedS: number): Step =>
  elapsedS < LONGEST_S
    ? go(state, { elapsedS })
    : stop({ ...state, elapsedS: LONGEST_S }, { mishap: "limit" });

const stop = (state: StudioState, changes: Partial<StudioState> = {}): Step =>
  go(state, { phase: "stopping", next: "ready", isInterrupted: false, ...changes }, "stop");

/** A call or another app: the take pauses, and the speaker says when it goes on. */
function interrupted(state: StudioState): Step {
  if (state.phase === "paused") return go(state, { isInterrupted: true });
  if (state.phase !== "recording") return stay(state);
  return go(state, { phase: "paused", isInterrupted: true }, "pause");
}

/** A device that has gone ends the take; what was recorded is whole without it. */
function lost(state: StudioState, device: "camera" | "microphone"): Step {
  if (isRolling(state)) return stop(state, { mishap: `${device}_lost` });
  return isAny(state, "ready", "countdown") ? refused(state, "lost") : stay(state);
}

function stopped(state: StudioState, take: string | null): Step {
  const takes = take ? [...state.takes, take] : state.takes;
  const chosen = take ?? state.chosen;
  const mishap = take ? state.mishap : (state.mishap ?? "nothing");
  const known = { ...state, takes, chosen, mishap };
  // The camera stays open for the next take, which begins at once.
  if (state.next === "countdown") return begin(known);
  if (!chosen) return go(known, { phase: "ready" });
  return go(known, { phase: "review" }, "close");
}

/** Another take; every one before it stays until one of them is sent. */
function retake(state: StudioState): Step {
  if (isRolling(state)) return go(stop(state).state, { next: "countdown" }, "stop");
  if (state.phase !== "review") return stay(state);
  return openCamera({ ...state, next: "countdown", mishap: null });
}

/** Bring back the take before the one that is shown. */
function undo(state: StudioState): Step {
  const place = state.takes.indexOf(state.chosen ?? "");
  const before = state.takes[place - 1];
  return state.phase === "review" && before ? go(state, { chosen: before }) : stay(state);
}

/** A take that was found on this device, or a file. */
function bring(state: StudioState, take: string): Step {
  if (isRolling(state) || isAny(state, "stopping", "countdown")) return stay(state);
  const takes = [...state.takes.filter((held) => held !== take), take];
  return go(state, { phase: "review", takes, chosen: take, mishap: null }, "stopClock", "close");
}

function forget(state: StudioState, take: string): Step {
  const takes = state.takes.filter((held) => held !== take);
  const chosen = state.chosen === take ? (takes.at(-1) ?? null) : state.chosen;
  const isEmpty = state.phase === "review" && chosen === null;
  return go(state, {
    takes,
    chosen,
    mishap: null,
    ...(isEmpty ? { phase: "intro" as const } : {}),
  });
}
