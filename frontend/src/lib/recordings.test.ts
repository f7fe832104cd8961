import { expect, test } from "vitest";
import { aspectOf } from "./recordings";

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
