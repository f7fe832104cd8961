import { describe, expect, test } from "vitest";
import {
  beginning,
  COUNT_FROM,
  type Effect,
  LONGEST_S,
  type StudioEvent,
  type StudioState,
  step,
} from "./machine";

/** Play events from a state on; the effects of all of them in order. */
function play(from: StudioState, ...events: StudioEvent[]) {
  const effects: Effect[] = [];
  let state = from;
  for (const event of events) {
    const next = step(state, event);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

const counted: StudioEvent[] = Array.from({ length: COUNT_FROM }, () => ({ type: "count" }));
const ready = play(beginning, { type: "open" }, { type: "opened" }).state;
const second: StudioEvent = { type: "tick", elapsedS: 1 };
const begun = play(ready, { type: "record" }, ...counted).state;
const recording = play(begun, second).state;
const stop = (take: string | null): StudioEvent[] => [{ type: "stop" }, { type: "stopped", take }];
const reviewing = play(recording, ...stop("one")).state;

describe("from the first tap to a take", () => {
  test("nothing is asked of the browser before the tap", () => {
    expect(beginning.phase).toBe("intro");
    expect(play(beginning, { type: "open" }).effects).toEqual(["open"]);
  });

  test("three, two, one, and the recorder starts", () => {
    const { state, effects } = play(ready, { type: "record" }, ...counted);
    expect(effects).toEqual(["startClock", "stopClock", "record"]);
    expect(state.phase).toBe("recording");
  });

  test("the countdown can be skipped, called off, and turned off", () => {
    const counting = play(ready, { type: "record" }).state;
    expect(play(counting, { type: "skip" }).state.phase).toBe("recording");
    expect(play(counting, { type: "cancel" }).state.phase).toBe("ready");
    const quick = play(ready, { type: "countdown", isOn: false }, { type: "record" });
    expect(quick.effects).toEqual(["stopClock", "record"]);
  });

  test("a tap that means the countdown does not stop what it has begun", () => {
    expect(play(begun, { type: "stop" })).toEqual({ state: begun, effects: [] });
    expect(play(begun, { type: "pause" }, { type: "stop" }).state.phase).toBe("stopping");
    expect(play(begun, { type: "lost", device: "camera" }).state.phase).toBe("stopping");
  });

  test("pauses and goes on", () => {
    const { state, effects } = play(recording, { type: "pause" }, { type: "resume" });
    expect(effects).toEqual(["pause", "resume"]);
    expect(state.phase).toBe("recording");
  });

  test("stops out of a pause, shows the take, and turns the camera off", () => {
    const { state, effects } = play(recording, { type: "pause" }, ...stop("one"));
    expect(effects).toEqual(["pause", "stop", "close"]);
    expect(state).toMatchObject({ phase: "review", chosen: "one", takes: ["one"] });
  });

  test("the longest take stops by itself and says so", () => {
    const { state } = play(recording, { type: "tick", elapsedS: LONGEST_S + 0.1 });
    expect(state).toMatchObject({ phase: "stopping", mishap: "limit", elapsedS: LONGEST_S });
    expect(play(state, { type: "stopped", take: "one" }).state.mishap).toBe("limit");
  });

  test("a take without a single byte leads back to the camera", () => {
    const { state } = play(recording, ...stop(null));
    expect(state).toMatchObject({ phase: "ready", mishap: "nothing", chosen: null });
  });
});

describe("a camera that does not open", () => {
  test("is told, and asked for again", () => {
    const blocked = play(beginning, { type: "open" }, { type: "refused", failure: "denied" });
    expect(blocked.state).toMatchObject({ phase: "blocked", failure: "denied" });
    const again = play(blocked.state, { type: "open" }, { type: "opened" });
    expect(again.state).toMatchObject({ phase: "ready", failure: null });
  });

  test("a camera that goes away before the recording is told as well", () => {
    const { state } = play(ready, { type: "lost", device: "camera" });
    expect(state).toMatchObject({ phase: "blocked", failure: "lost" });
  });
});

describe("an interrupted take", () => {
  test.each(["camera", "microphone"] as const)(
    "a %s that goes away ends and keeps it",
    (device) => {
      const { state, effects } = play(
        recording,
        { type: "lost", device },
        { type: "stopped", take: "one" },
      );
      expect(effects).toEqual(["stop", "close"]);
      expect(state).toMatchObject({ phase: "review", chosen: "one", mishap: `${device}_lost` });
    },
  );

  test("a call pauses it, and it goes on only when the speaker says so", () => {
    const paused = play(recording, { type: "interrupted" });
    expect(paused.effects).toEqual(["pause"]);
    expect(play(paused.state, { type: "resume" }).state.phase).toBe("paused");
    const back = play(paused.state, { type: "uninterrupted" }).state;
    expect(back.phase).toBe("paused");
    expect(play(back, { type: "resume" }).state.phase).toBe("recording");
  });

  test("a second device that goes away changes nothing more", () => {
    const once = play(recording, { type: "lost", device: "camera" });
    const twice = play(once.state, { type: "lost", device: "microphone" });
    expect(twice).toEqual({ state: once.state, effects: [] });
  });
});

describe("another take", () => {
  const again: StudioEvent[] = [
    { type: "retake" },
    { type: "opened" },
    ...counted,
    second,
    ...stop("two"),
  ];

  test("opens the camera, counts down, and keeps the take before it", () => {
    const { state } = play(reviewing, ...again);
    expect(state).toMatchObject({ phase: "review", chosen: "two", takes: ["one", "two"] });
  });

  test("is undone: the take before it is shown again, and none is lost", () => {
    const { state } = play(reviewing, ...again, { type: "undo" });
    expect(state).toMatchObject({ chosen: "one", takes: ["one", "two"] });
    expect(play(state, { type: "undo" }).state.chosen).toBe("one");
    expect(play(state, { type: "choose", take: "two" }).state.chosen).toBe("two");
  });

  test("called off in its countdown leads back to the take that there is", () => {
    const { state } = play(reviewing, { type: "retake" }, { type: "opened" }, { type: "cancel" });
    expect(state).toMatchObject({ phase: "review", chosen: "one" });
  });

  test("asked for while recording keeps what was recorded and starts over", () => {
    const { state, effects } = play(
      recording,
      { type: "retake" },
      { type: "stopped", take: "one" },
      ...counted,
    );
    expect(effects).toEqual(["stop", "startClock", "stopClock", "record"]);
    expect(state).toMatchObject({ phase: "recording", takes: ["one"], elapsedS: 0 });
  });

  test("that comes to nothing shows the one before it", () => {
    const empty: StudioEvent[] = [{ type: "retake" }, { type: "opened" }, ...counted, second];
    const { state } = play(reviewing, ...empty, ...stop(null));
    expect(state).toMatchObject({ phase: "review", chosen: "one" });
  });
});

describe("takes that come and go", () => {
  test("one that was found on this device is shown at once", () => {
    const { state } = play(beginning, { type: "bring", take: "old" });
    expect(state).toMatchObject({ phase: "review", chosen: "old" });
  });

  test("none comes in the middle of a recording", () => {
    expect(play(recording, { type: "bring", take: "old" }).state).toBe(recording);
  });

  test("a deleted take gives way to the one before it, the last one to the beginning", () => {
    const both = play(reviewing, { type: "bring", take: "two" }).state;
    const one = play(both, { type: "forget", take: "two" }).state;
    expect(one).toMatchObject({ phase: "review", chosen: "one" });
    expect(play(one, { type: "forget", take: "one" }).state.phase).toBe("intro");
  });

  test("leaving the page in the middle of a take stops it as a whole one", () => {
    expect(play(recording, { type: "leave" }).effects).toEqual(["stop"]);
    expect(play(ready, { type: "leave" }).effects).toEqual(["stopClock", "close"]);
  });
});

test("what does not fit the moment changes nothing", () => {
  const misfits: [StudioState, StudioEvent][] = [
    [beginning, { type: "record" }],
    [ready, { type: "stop" }],
    [ready, { type: "pause" }],
    [recording, { type: "open" }],
    [recording, { type: "record" }],
    [reviewing, { type: "tick", elapsedS: 3 }],
    [reviewing, { type: "stopped", take: "x" }],
    [reviewing, { type: "choose", take: "unknown" }],
  ];
  for (const [state, event] of misfits) expect(step(state, event)).toEqual({ state, effects: [] });
});
