import { describe, expect, test } from "vitest";
import { BLANK, type DraftChanges, type DraftContent } from "./draft";
import {
  caretAfter,
  MOST_SIZE,
  MOST_STEPS,
  NO_STEPS,
  nameOf,
  noted,
  redone,
  type Steps,
  undone,
  withoutFields,
} from "./undo";

/** A draft that somebody works on, at times of a clock. */
class Work {
  steps: Steps = NO_STEPS;
  content: DraftContent = BLANK;
  atMs = 0;

  change(changes: DraftChanges, afterMs = 5000): this {
    this.atMs += afterMs;
    const before = this.content;
    this.content = { ...before, ...changes };
    this.steps = noted(this.steps, before, this.content, this.atMs);
    return this;
  }

  undo(): this {
    this.content = { ...this.content, ...this.steps.past.at(-1)?.before };
    this.steps = undone(this.steps);
    return this;
  }

  redo(): this {
    this.content = { ...this.content, ...this.steps.future[0]?.after };
    this.steps = redone(this.steps);
    return this;
  }

  get lastName() {
    const last = this.steps.past.at(-1);
    return last && nameOf(last);
  }
}

describe("steps", () => {
  test("lead back to the beginning and forth again, whatever was changed", () => {
    const work = new Work()
      .change({ script: "a" })
      .change({ photo_upload_id: "p", background: null })
      .change({
        deliveries: [
          {
            text: "a",
            speed: 2,
            pitch: 0,
            intonation: 1,
            volume: 1,
            pause_after_s: null,
            voice: null,
          },
        ],
      })
      .change({ burned_captions: "word" });
    const done = work.content;
    work.undo().undo().undo().undo().undo();
    expect(work.content).toEqual(BLANK);
    work.redo().redo().redo().redo().redo();
    expect(work.content).toEqual(done);
  });

  test("keys that follow one another are one step; a pause begins another", () => {
    const work = new Work().change({ script: "a" }).change({ script: "ab" }, 200);
    work.change({ script: "abc" }, 600).change({ script: "abcd" }, 1500);
    expect(work.steps.past).toHaveLength(2);
    expect(work.undo().content.script).toBe("abc");
    expect(work.undo().content.script).toBe("");
  });

  test("one who never pauses can take back a part as well", () => {
    const work = new Work();
    for (let key = 1; key <= 100; key += 1) work.change({ script: "x".repeat(key) }, 200);
    expect(work.steps.past.length).toBeGreaterThan(1);
  });

  test("what is chosen at once is a step each time, and so is another field", () => {
    const work = new Work().change({ more_photo_upload_ids: ["a"] });
    work.change({ more_photo_upload_ids: ["a", "b"] }, 10).change({ title: "t" }, 10);
    work.change({ script: "s" }, 10);
    expect(work.steps.past).toHaveLength(4);
  });

  test("typing after something was taken back is a step of its own, and forgets what was", () => {
    const work = new Work().change({ script: "a" }).change({ script: "b" }).undo();
    work.change({ script: "ac" }, 10);
    expect(work.steps.future).toEqual([]);
    expect(work.undo().content.script).toBe("a");
  });

  test("what changes nothing is no step", () => {
    expect(new Work().change({ script: "" }).steps).toEqual(NO_STEPS);
  });

  test("are not more than can be kept, and the newest is always among them", () => {
    const work = new Work();
    for (let at = 0; at < MOST_STEPS + 20; at += 1) work.change({ title: String(at) });
    expect(work.steps.past).toHaveLength(MOST_STEPS);
    expect(work.undo().content.title).toBe(String(MOST_STEPS + 18));
    for (let at = 0; at < 10; at += 1) work.change({ script: String(at).repeat(MOST_SIZE / 4) });
    expect(work.steps.past.length).toBeLessThan(4);
    work.change({ script: "z".repeat(MOST_SIZE * 2) });
    expect(work.steps.past).toHaveLength(1);
  });

  test("in what somebody else has changed meanwhile are gone, the others stay", () => {
    const work = new Work().change({ title: "t" }).change({ script: "s" });
    expect(withoutFields(work.steps, ["script"]).past).toHaveLength(1);
  });
});

describe("names of steps", () => {
  test.each<[string, DraftChanges, DraftChanges, object]>([
    ["a first photo", {}, { photo_upload_id: "a" }, { kind: "photoAdded" }],
    ["one more", {}, { more_photo_upload_ids: ["b"] }, { kind: "photoAdded" }],
    [
      "the first of two taken out",
      { photo_upload_id: "a", more_photo_upload_ids: ["b"] },
      { photo_upload_id: "b", more_photo_upload_ids: [] },
      { kind: "photoRemoved" },
    ],
    [
      "another photo",
      { photo_upload_id: "a" },
      { photo_upload_id: "b" },
      { kind: "photosChanged" },
    ],
    ["a colour", {}, { background: "#123456" }, { kind: "photosChanged" }],
    ["music", {}, { music_track: "koto" }, { kind: "musicAdded" }],
    ["no music", { music_upload_id: "m" }, { music_upload_id: null }, { kind: "musicRemoved" }],
    [
      "an occasion with its card and music",
      {},
      { theme: "birthday", title_card: "!", music_track: "koto" },
      { kind: "field", field: "theme" },
    ],
    ["a language with its voice", {}, { voice: "v" }, { kind: "field", field: "voice" }],
  ])("%s", (_what, begun, changes, name) => {
    const work = new Work();
    work.content = { ...BLANK, ...begun };
    expect(work.change(changes).lastName).toEqual(name);
  });
});

test.each([
  ["Hello", "Hello world", 11],
  ["Hello world", "Hello", 5],
  ["aXb", "ab", 1],
  ["ab", "aXYb", 3],
  ["aaa", "aa", 2],
  ["", "", 0],
])("the caret stands behind what is other: %s to %s", (before, after, at) => {
  expect(caretAfter(before, after)).toBe(at);
});
