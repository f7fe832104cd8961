import { describe, expect, test } from "vitest";
import { readFacts, readPlayback } from "./message";

function pageWith(written: unknown): Document {
  const page = document.implementation.createHTMLDocument();
  if (written === undefined) return page;
  const script = page.createElement("script");
  script.id = "share";
  script.type = "application/json";
  script.textContent = typeof written === "string" ? written : JSON.stringify(written);
  page.body.append(script);
  return page;
}

const whole = {
  phase: "ready",
  percent: 100,
  title: "お誕生日おめでとう",
  sender_name: "花子",
  duration_s: 8.2,
  aspect: "9:16",
  width_px: 720,
  height_px: 1280,
  video_url: "/s/token/video.mp4",
  stream_url: null,
  stream_type: null,
  poster_url: "/s/token/poster.jpg",
  captions_url: "/s/token/captions.vtt",
  has_words: false,
  waveform_url: null,
  language: "ja",
  credit: null,
  synthetic: true,
  allow_download: true,
  allow_reactions: true,
  allow_replies: false,
  cta: { label: "お店へ", url: "https://shop.example/" },
  needs_admission: false,
  expires_at: "2027-01-12T10:00:00Z",
  reactions: { "👍": 2 },
  own_reactions: ["👍"],
  is_sender: false,
  is_embed: false,
};

describe("readFacts", () => {
  test("reads what the backend wrote", () => {
    const written = { state: "ok", needs_password: false, thumbnail_url: null, ...whole };
    expect(readFacts(pageWith(written))).toEqual({ state: "ok", message: whole });
  });

  test.each([
    ["no facts", undefined],
    ["empty ones", ""],
    ["something else than JSON", "<!--"],
    ["a list", []],
    ["facts of another time", { title: "Hello", video_url: "/v.mp4" }],
  ])("%s lead to nothing", (_name, written) => {
    expect(readFacts(pageWith(written))).toEqual({ state: "gone" });
  });

  test.each(["needs_password", "expired", "spent", "embed_off"])("a link may be: %s", (state) => {
    expect(readFacts(pageWith({ state, needs_password: state === "needs_password" }))).toEqual({
      state,
    });
  });

  test("what may be missing may be missing", () => {
    const little = readFacts(pageWith({ state: "ok", phase: "processing", aspect: "4:3" }));
    expect(little).toMatchObject({
      state: "ok",
      message: { title: "", aspect: "16:9", captions_url: null, cta: null, allow_download: false },
    });
  });

  test.each(["http://shop.example/", "javascript:alert(1)", "//shop.example", 7])(
    "a button never leads to %s",
    (url) => {
      const facts = readFacts(pageWith({ ...whole, cta: { label: "Go", url } }));
      expect(facts).toMatchObject({ state: "ok", message: { cta: null } });
    },
  );
});

test("an answer that is no state is none", () => {
  expect(readPlayback("<html>")).toBeNull();
  expect(readPlayback({ phase: "dreaming" })).toBeNull();
});
