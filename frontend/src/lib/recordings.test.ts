import { expect, test } from "vitest";
import { aspectOf, scriptChanges } from "./recordings";

test.each([
  [1280, 720, "16:9"],
  [640, 480, "16:9"],
  [720, 1280, "9:16"],
  [1080, 1080, "1:1"],
  [600, 500, "1:1"],
  [0, 0, "16:9"],
])("a picture of %d × %d is shown in %s", (width, height, aspect) => {
  expect(aspectOf(width, height)).toBe(aspect);
});

test("the letters of a script tell its language, but not that of a chosen voice", () => {
  const music = { music_upload_id: null, music_track: null };
  const content = { title: "", script: "", language: "en", voice: null, ...music };
  expect(scriptChanges(content, "こんにちは")).toEqual({ script: "こんにちは", language: "ja" });
  expect(scriptChanges(content, "Hello")).toEqual({ script: "Hello" });
  expect(scriptChanges({ ...content, voice: "voc_1" }, "こんにちは")).toEqual({
    script: "こんにちは",
  });
});
