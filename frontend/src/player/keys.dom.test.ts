import { describe, expect, test } from "vitest";
import { actionOf, belongsToControl } from "./keys";

const bare = { altKey: false, ctrlKey: false, metaKey: false };

describe("actionOf", () => {
  test.each([
    ["k", { kind: "toggle" }],
    ["K", { kind: "toggle" }],
    ["j", { kind: "seekBy", deltaS: -10 }],
    ["l", { kind: "seekBy", deltaS: 10 }],
    ["ArrowLeft", { kind: "seekBy", deltaS: -5 }],
    ["ArrowRight", { kind: "seekBy", deltaS: 5 }],
    ["Home", { kind: "seekTo", fraction: 0 }],
    ["7", { kind: "seekTo", fraction: 0.7 }],
    ["c", { kind: "captions" }],
    [">", { kind: "speedStep", direction: 1 }],
  ])("%s", (key, action) => {
    expect(actionOf({ ...bare, key })).toEqual(action);
  });

  test.each(["Tab", "Enter", "Escape", "x", "toString"])("leaves %s to the browser", (key) => {
    expect(actionOf({ ...bare, key })).toBeNull();
  });

  test("leaves the browser's own shortcuts alone", () => {
    expect(actionOf({ ...bare, key: "c", ctrlKey: true })).toBeNull();
    expect(actionOf({ ...bare, key: "l", metaKey: true })).toBeNull();
    expect(actionOf({ ...bare, key: "ArrowLeft", altKey: true })).toBeNull();
  });
});

describe("belongsToControl", () => {
  const slider = (role: string): HTMLInputElement => {
    const input = document.createElement("input");
    input.type = "range";
    input.dataset.role = role;
    return input;
  };

  test("a list keeps every key", () => {
    expect(belongsToControl("k", document.createElement("select"))).toBe(true);
  });

  test("the volume slider keeps its arrows, the seek bar gives them to the player", () => {
    expect(belongsToControl("ArrowUp", slider("volume"))).toBe(true);
    expect(belongsToControl("k", slider("volume"))).toBe(false);
    expect(belongsToControl("ArrowRight", slider("seek"))).toBe(false);
  });

  test("a button keeps none of the letters", () => {
    expect(belongsToControl("k", document.createElement("button"))).toBe(false);
  });
});
