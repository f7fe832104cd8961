import { describe, expect, test } from "vitest";
import { belongsToElement } from "./keys";

describe("belongsToElement", () => {
  const made = (markup: string): Element => {
    const host = document.createElement("div");
    host.innerHTML = markup;
    return host.querySelector("[data-it]") ?? host;
  };
  test.each<[string, string, boolean]>([
    ["<textarea data-it></textarea>", "r", true],
    ["<input data-it>", " ", true],
    ["<input type=range data-it>", "r", false],
    ["<button data-it></button>", " ", true],
    ["<button data-it></button>", "Enter", true],
    ["<button data-it></button>", "r", false],
    ["<select data-it></select>", "r", true],
    ["<dialog><button data-it></button></dialog>", "r", true],
    ["<div class=vm-player tabindex=-1 data-it></div>", " ", true],
    ["<div data-it></div>", " ", false],
  ])("%s with %j: %s", (markup, key, expected) => {
    expect(belongsToElement(key, made(markup))).toBe(expected);
  });
  test("nothing is focused", () => expect(belongsToElement("r", null)).toBe(false));
});
