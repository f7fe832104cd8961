import { describe, expect, test } from "vitest";
import {
  constraintsFor,
  findDevice,
  nextCamera,
  recordingType,
  rememberChoice,
  rememberedChoice,
} from "./devices";

const front = { deviceId: "a", label: "Front camera" };
const back = { deviceId: "b", label: "Back camera" };

describe("findDevice", () => {
  test.each([
    ["by its id", { deviceId: "b", label: "renamed" }, back],
    ["by its name when the id has changed", { deviceId: "z", label: "Front camera" }, front],
    ["not at all when it is gone", { deviceId: "z", label: "Webcam" }, null],
    ["not by a name that nobody told", { deviceId: "z", label: "" }, null],
    ["not without a wish", null, null],
  ])("%s", (_name, wished, expected) => {
    expect(findDevice(wished, [front, back, { deviceId: "c", label: "" }])).toEqual(expected);
  });
});

describe("the choice", () => {
  test("is remembered", () => {
    const choice = { camera: back, microphone: null, facing: "environment" } as const;
    rememberChoice(choice);
    expect(rememberedChoice()).toEqual(choice);
  });

  test.each(["nonsense", "{}", '{"camera":7,"facing":"up"}', "[]"])("survives %s", (stored) => {
    localStorage.setItem("studio:devices", stored);
    expect(rememberedChoice()).toEqual({ camera: null, microphone: null, facing: "user" });
  });

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
