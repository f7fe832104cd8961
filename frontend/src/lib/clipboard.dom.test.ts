import { afterEach, describe, expect, it, vi } from "vitest";
import { copyText } from "./clipboard";

/** The browser's old way: tells what was marked when it was asked to copy. */
function oldWay(works: boolean): string[] {
  const copied: string[] = [];
  document.execCommand = () => {
    if (works && document.activeElement instanceof HTMLTextAreaElement) {
      copied.push(document.activeElement.value);
    }
    return works;
  };
  return copied;
}

describe("copyText", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    Reflect.deleteProperty(document, "execCommand");
  });

  it("writes to the clipboard where there is one", async () => {
    const writeText = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    await copyText(Promise.resolve("http://a/s/1"));
    expect(writeText).toHaveBeenCalledWith("http://a/s/1");
  });

  it("copies from the page over plain http, and gives the focus back", async () => {
    vi.stubGlobal("navigator", {});
    const copied = oldWay(true);
    const button = document.body.appendChild(document.createElement("button"));
    button.focus();
    await copyText("http://a/s/1");
    expect(copied).toEqual(["http://a/s/1"]);
    expect(document.activeElement).toBe(button);
    expect(document.querySelector("textarea")).toBeNull();
    button.remove();
  });

  it("says so when nothing could be copied", async () => {
    vi.stubGlobal("navigator", {});
    oldWay(false);
    await expect(copyText("x")).rejects.toThrow("No clipboard");
  });

  it("passes on why there is no link to copy", async () => {
    vi.stubGlobal("navigator", {});
    await expect(copyText(Promise.reject(new Error("gone")))).rejects.toThrow("gone");
  });
});
