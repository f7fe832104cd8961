import { beforeEach, describe, expect, test, vi } from "vitest";
import type { SharedMessage } from "./message";
import { showGone, showMessage } from "./page";

const message: SharedMessage = {
  title: "Happy <b>birthday</b>",
  sender_name: "Anna",
  duration_s: 8,
  aspect: "1:1",
  video_url: "/s/token/video.mp4",
  poster_url: "/s/token/poster.jpg",
  captions_url: null,
  language: "en",
  credit: "VOICEVOX:ずんだもん",
  synthetic: true,
};
let page: HTMLElement;

beforeEach(() => {
  vi.spyOn(HTMLMediaElement.prototype, "load").mockImplementation(() => undefined);
  page = document.createElement("main");
});

describe("the message's page", () => {
  test("says who sends what, with the poster at once", () => {
    showMessage(page, message, "en");
    expect(page.querySelector(".from")?.textContent).toBe("A video message from Anna");
    expect(page.querySelector("video")?.poster).toContain("/s/token/poster.jpg");
    expect(document.title).toBe("Happy <b>birthday</b> – Anna");
  });

  test("takes a title for words, never for markup", () => {
    showMessage(page, message, "en");
    expect(page.querySelector("h1")?.textContent).toBe("Happy <b>birthday</b>");
    expect(page.querySelector("h1 b")).toBeNull();
  });

  test("says that the voice is synthetic, and credits it", () => {
    showMessage(page, message, "ja");
    const notes = page.querySelector(".notes")?.textContent;
    expect(notes).toContain("合成音声");
    expect(notes).toContain("VOICEVOX:ずんだもん");
  });

  test("keeps the title's own language and sets the page's", () => {
    showMessage(page, { ...message, language: "ja" }, "en");
    expect(page.querySelector("h1")?.lang).toBe("ja");
    expect(document.documentElement.lang).toBe("en");
  });

  test("does without a sender's name", () => {
    showMessage(page, { ...message, sender_name: "", title: "" }, "en");
    expect(page.querySelector(".from")?.textContent).toBe("A video message for you");
    expect(page.querySelector("h1")?.textContent).toBe("Video message");
  });
});

test("a link that leads to nothing says what to do", () => {
  showGone(page, "en");
  expect(page.textContent).toContain("ask the sender for a new link");
  expect(page.querySelector("video")).toBeNull();
});
