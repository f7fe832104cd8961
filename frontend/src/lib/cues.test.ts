import { describe, expect, test } from "vitest";
import {
  addAfter,
  asWebVtt,
  beginHistory,
  type Cue,
  changed,
  faultOf,
  isSavable,
  join,
  parseTime,
  parseWebVtt,
  redone,
  split,
  timeText,
  undone,
  withEdge,
  withText,
} from "./cues";

const cue = (id: number, startS: number, endS: number, text: string): Cue => ({
  id,
  startS,
  endS,
  text,
});
const TWO = [cue(0, 1, 2, "one"), cue(1, 2.5, 4, "two & <three>")];

describe("WebVTT", () => {
  test("what is written is read again, with its signs", () => {
    expect(parseWebVtt(asWebVtt(TWO))).toEqual(TWO);
    expect(asWebVtt(TWO)).toContain("00:00:02.500 --> 00:00:04.000\ntwo &amp; &lt;three&gt;\n");
  });

  test("numbers of captions are passed over, hours and lines kept", () => {
    const webvtt = "WEBVTT\n\n1\n01:00:02.250 --> 01:00:03.000\nfirst\nsecond\n";
    expect(parseWebVtt(webvtt)).toEqual([cue(0, 3602.25, 3603, "first\nsecond")]);
  });

  test("a blank line in a text does not end the caption", () => {
    expect(parseWebVtt(asWebVtt([cue(0, 0, 1, "a\n\nb")]))[0]?.text).toBe("a\nb");
  });
});

test.each([
  ["1:05.25", 65.25],
  ["65,5", 65.5],
  ["1:00:00", 3600],
  ["", null],
  ["1:xx", null],
])("the typed place %j is %j seconds", (typed, seconds) => {
  expect(parseTime(typed)).toBe(seconds);
  if (seconds !== null) expect(parseTime(timeText(seconds))).toBe(seconds);
});

describe("changes", () => {
  test("an edge moves by itself and never before the beginning", () => {
    expect(withEdge(TWO, 0, "startS", -3)[0]?.startS).toBe(0);
    expect(withEdge(TWO, 0, "endS", 2.104)[0]?.endS).toBe(2.1);
  });

  test("a caption is cut where the cursor stands and the video is", () => {
    const [first, second] = split([cue(0, 0, 4, "Hello there you")], 0, 6, 1.2);
    expect(first).toEqual(cue(0, 0, 1.2, "Hello"));
    expect(second).toEqual(cue(1, 1.2, 4, "there you"));
  });

  test("without a cursor in it, it is cut at a gap, and its time by the letters", () => {
    const [first, second] = split([cue(0, 0, 4, "今日は、いい天気")], 0, 0, 9);
    expect([first?.text, second?.text]).toEqual(["今日は、", "いい天気"]);
    expect(first?.endS).toBe(2);
  });

  test("two captions become one, from the first's beginning to the second's end", () => {
    expect(join(TWO, 0)).toEqual([cue(0, 1, 4, "one\ntwo & <three>")]);
    expect(join(TWO, 1)).toEqual(TWO);
  });

  test("an added caption takes the room that there is", () => {
    const [cues, id] = addAfter(TWO, 0, 9);
    expect(cues[1]).toEqual(cue(id, 2, 2.5, ""));
    expect(addAfter([], null, 3)[0]).toEqual([cue(0, 3, 5, "")]);
  });
});

test("what is wrong with a caption is told, and only nonsense is not saved", () => {
  const cues = [cue(0, 0, 2, "a"), cue(1, 1, 3, "b"), cue(2, 5, 4, "c"), cue(3, 9, 10, " ")];
  expect(cues.map((_, place) => faultOf(cues, place, 8))).toEqual([
    null,
    "overlap",
    "reversed",
    "empty",
  ]);
  expect(faultOf([cue(0, 9, 10, "late")], 0, 8)).toBe("late");
  expect(isSavable(cues.slice(0, 2))).toBe(true);
  expect(isSavable(cues.slice(0, 3))).toBe(false);
  expect(isSavable([])).toBe(false);
});

test("letters typed in one go are undone together, other changes one by one", () => {
  let history = beginHistory(TWO);
  for (const [text, atMs] of [
    ["o", 0],
    ["on", 300],
    ["ones", 600],
    ["onesie", 5000],
  ] as const) {
    history = changed(history, withText(history.now, 0, text), { id: 0, atMs });
  }
  history = changed(history, withEdge(history.now, 0, "endS", 3));
  const seen = () => `${history.now[0]?.text} ${history.now[0]?.endS}`;
  const steps = [undone, undone, undone, undone, redone, redone].map((step) => {
    history = step(history);
    return seen();
  });
  expect(steps).toEqual(["onesie 2", "ones 2", "one 2", "one 2", "ones 2", "onesie 2"]);
});
