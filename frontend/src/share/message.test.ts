import { describe, expect, test } from "vitest";
import { readSharedMessage } from "./message";

function pageWith(written: string | null): Document {
  const page = document.implementation.createHTMLDocument();
  if (written === null) return page;
  const script = page.createElement("script");
  script.id = "share";
  script.type = "application/json";
  script.textContent = written;
  page.body.append(script);
  return page;
}

const whole = {
  title: "お誕生日おめでとう",
  sender_name: "花子",
  duration_s: 8.2,
  aspect: "9:16",
  video_url: "/s/token/video.mp4",
  poster_url: "/s/token/poster.jpg",
  captions_url: "/s/token/captions.vtt",
  language: "ja",
  credit: null,
  synthetic: true,
};

describe("readSharedMessage", () => {
  test("reads what the backend wrote", () => {
    expect(readSharedMessage(pageWith(JSON.stringify(whole)))).toEqual(whole);
  });

  test.each([
    ["no message", null],
    ["an empty one", ""],
    ["something else than JSON", "<!--"],
    ["a list", "[]"],
    ["a message without a video", JSON.stringify({ ...whole, video_url: undefined })],
  ])("%s leads to nothing", (_name, written) => {
    expect(readSharedMessage(pageWith(written))).toBeNull();
  });

  test("what may be missing may be missing", () => {
    const little = readSharedMessage(pageWith('{"video_url": "/v.mp4", "aspect": "4:3"}'));
    expect(little).toMatchObject({ title: "", aspect: "16:9", captions_url: null, credit: null });
  });
});
