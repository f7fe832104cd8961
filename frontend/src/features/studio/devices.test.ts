import { describe, expect, test } from "vitest";
import { constraintsFor, nextCamera, recordingType } from "./devices";

const front = { deviceId: "a", label: "Front camera" };
const back = { deviceId: "b", label: "Back camera" };

describe("the choice", () => {
  test("is demanded by its id", () => {
    const asked = constraintsFor({ camera: back, microphone: front, facing: "user" });
    expect(asked.video).toMatchObject({ deviceId: { exact: "b" } });
    expect(asked.audio).toMatchObject({ deviceId: { exact: "a" }, echoCancellation: false });
  });

  test("without a camera by name is the one that looks at the speaker", () => {
    const asked = constraintsFor({ camera: null, microphone: null, facing: "user" });
    expect(asked.video).toMatchObject({ facingMode: { ideal: "user" } });
  });
});

test("turning round goes through the cameras and begins again", () => {
  expect(nextCamera("a", [front, back])).toBe(back);
  expect(nextCamera("b", [front, back])).toBe(front);
  expect(nextCamera(undefined, [front, back])).toBe(front);
  expect(nextCamera("a", [])).toBeNull();
});

describe("recordingType", () => {
  const all = () => true;
  test("Safari writes MP4, although it says that it can do both", () => {
    expect(recordingType(all, true)).toContain("video/mp4");
  });
  test("the others write WebM", () => {
    expect(recordingType(all, false)).toBe("video/webm;codecs=vp8,opus");
  });
  test("takes what there is", () => {
    expect(recordingType((type) => type === "video/mp4", false)).toBe("video/mp4");
    expect(recordingType(() => false, false)).toBeNull();
  });
});
