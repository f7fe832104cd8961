import { beforeEach, describe, expect, it } from "vitest";
import { forgetWhatLiesHere } from "./leftBehind";

describe("forgetWhatLiesHere", () => {
  beforeEach(() => localStorage.clear());

  it("takes drafts and uploads along, and leaves the language", () => {
    localStorage.setItem("draft:new", '{"script":"only for you"}');
    localStorage.setItem("draft:msg_1", "{}");
    localStorage.setItem("upload:photo:a.jpg:1:2", "upl_1");
    localStorage.setItem("language", "ja");
    forgetWhatLiesHere();
    expect(Object.keys(localStorage)).toEqual(["language"]);
  });

  it("does not mind a blocked storage", () => {
    const blocked = () => {
      throw new DOMException("Denied", "SecurityError");
    };
    expect(() => forgetWhatLiesHere(blocked)).not.toThrow();
  });
});
