import { describe, expect, test } from "vitest";
import { findDevice, isWorthATry, rememberChoice, rememberedChoice } from "./devices";

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
});

test.each([
  ["denied", "permission", true],
  ["denied", "return", false],
  ["no_device", "device", true],
  ["no_device", "return", false],
  ["busy", "return", true],
  ["lost", "device", true],
  ["insecure", "device", false],
] as const)("what was %s is tried again at a %s: %s", (failure, why, expected) => {
  expect(isWorthATry(failure, why)).toBe(expected);
});
