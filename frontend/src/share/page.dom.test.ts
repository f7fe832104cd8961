import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { server } from "../test/setup";
import { callsOf } from "./calls";
import { replaceByClosed, showClosed } from "./closed";
import type { Closed, SharedMessage } from "./message";
import { showMessage } from "./page";
import { askPassword } from "./password";

/** What jsdom has no decoder for is tested in a real browser, in e2e/share.spec.ts. */

const message: SharedMessage = {
  phase: "ready",
  percent: 100,
  title: "Happy <b>birthday</b>",
  sender_name: "Anna",
  duration_s: 8,
  aspect: "1:1",
  width_px: null,
  height_px: null,
  video_url: "/s/token/video.mp4",
  stream_url: null,
  stream_type: null,
  poster_url: "/s/token/poster.jpg",
  captions_url: null,
  has_words: false,
  waveform_url: null,
  language: "en",
  credit: "VOICEVOX:ずんだもん",
  synthetic: true,
  allow_download: false,
  allow_reactions: true,
  allow_replies: true,
  cta: null,
  needs_admission: false,
  expires_at: null,
  reactions: { "❤️": 2 },
  own_reactions: [],
  is_sender: false,
  is_embed: false,
};
const calls = callsOf("/s/token", "a-viewer-of-this-test");
let page: HTMLElement;
let told: unknown[];

beforeEach(() => {
  vi.spyOn(HTMLMediaElement.prototype, "load").mockImplementation(() => undefined);
  vi.spyOn(HTMLMediaElement.prototype, "pause").mockImplementation(() => undefined);
  page = document.createElement("main");
  document.body.replaceChildren(page);
  told = [];
  server.use(
    http.post("*/s/token/events", async ({ request }) => {
      told.push(await request.json());
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

const show = (changes: Partial<SharedMessage> = {}, locale: "en" | "ja" = "en"): void =>
  showMessage(page, { ...message, ...changes }, locale, calls);
const named = (name: string): HTMLElement | null => page.querySelector(`[aria-label="${name}"]`);

describe("the message's page", () => {
  test("says who sends what, with the poster at once", () => {
    show();
    expect(page.querySelector(".from")?.textContent).toBe("A video message from Anna");
    expect(page.querySelector("video")?.poster).toContain("/s/token/poster.jpg");
    expect(document.title).toBe("Happy <b>birthday</b> – Anna");
  });

  test("takes over the stream that the page has begun to load, and no other", () => {
    const begin = (src: string): HTMLVideoElement => {
      const video = document.createElement("video");
      video.dataset.begun = "";
      video.hidden = true;
      video.setAttribute("src", src);
      document.body.append(video);
      return video;
    };
    vi.spyOn(HTMLMediaElement.prototype, "canPlayType").mockReturnValue("probably");
    const stream = { stream_url: "/s/token/stream", stream_type: "video/webm" };
    const making = { phase: "processing" as const, video_url: null, poster_url: null, ...stream };
    const begun = begin("/s/token/stream");
    show(making);
    expect(page.querySelector("video")).toBe(begun);
    expect(begun.hidden).toBe(false);
    const other = begin("/s/other/stream");
    show(making);
    expect(page.querySelector("video")).not.toBe(other);
    expect(other.isConnected).toBe(false);
  });

  test("takes a title for words, never for markup", () => {
    show();
    expect(page.querySelector("h1")?.textContent).toBe("Happy <b>birthday</b>");
    expect(page.querySelector("h1 b")).toBeNull();
  });

  test("says that the voice is synthetic, and credits it", () => {
    show({}, "ja");
    const notes = page.querySelector(".notes")?.textContent;
    expect(notes).toContain("合成音声");
    expect(notes).toContain("VOICEVOX:ずんだもん");
  });

  test("a recorded voice is not called synthetic", () => {
    show({ synthetic: false });
    expect(page.textContent).not.toContain("synthetic");
  });

  test("keeps the title's own language and sets the page's", () => {
    show({ language: "ja" });
    expect(page.querySelector("h1")?.lang).toBe("ja");
    expect(document.documentElement.lang).toBe("en");
  });

  test("does without a sender's name", () => {
    show({ sender_name: "", title: "" });
    expect(page.querySelector(".from")?.textContent).toBe("A video message for you");
    expect(page.querySelector("h1")?.textContent).toBe("Video message");
  });

  test("a button of the sender's leads out without telling from where", () => {
    show({ cta: { label: "Book a call", url: "https://calendar.example/anna" } });
    const link = page.querySelector<HTMLAnchorElement>("a.is-main");
    expect(link?.href).toBe("https://calendar.example/anna");
    expect(link?.rel).toBe("noopener noreferrer");
  });

  test("offers the download where it is allowed, as soon as there is something", () => {
    show({ allow_download: true });
    expect(page.querySelector("a[download]")?.getAttribute("href")).toBe(
      "/s/token/video.mp4?download=1",
    );
    show({ allow_download: true, phase: "processing", video_url: null });
    expect(page.querySelector("a[download]")).toBeNull();
  });

  test("offers the words with the file, where there are any", () => {
    show({ allow_download: true });
    expect(page.querySelector(".words")).toBeNull();
    show({ allow_download: true, has_words: true });
    const files = [...page.querySelectorAll(".words a")].map((link) => link.getAttribute("href"));
    expect(files).toEqual([
      "/s/token/captions.vtt?download=1",
      "/s/token/captions.srt",
      "/s/token/transcript.txt",
    ]);
  });

  test("a limited link offers the download to whom it has let in", async () => {
    vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
    server.use(http.post("*/s/token/admit", () => new HttpResponse(null, { status: 204 })));
    show({ allow_download: true, needs_admission: true });
    expect(page.querySelector("a[download]")).toBeNull();
    named("Play “Happy <b>birthday</b>”, 0:08")?.click();
    await vi.waitFor(() => expect(page.querySelector("a[download]")).not.toBeNull());
  });

  test("the sender neither replies nor counts", async () => {
    show({ is_sender: true });
    expect(page.textContent).toContain("your own visits are not counted");
    expect(page.querySelector(".reactions, .reply")).toBeNull();
    expect(told).toEqual([]);
  });

  test("tells that it was opened", async () => {
    show();
    await vi.waitFor(() => expect(told).toMatchObject([{ kind: "opened" }]));
  });

  test("in a frame it is the player, the names, and the way to the rest", () => {
    show({ is_embed: true });
    expect(page.querySelector(".vm-player")).not.toBeNull();
    expect(page.querySelector(".reactions, .reply, .greeting")).toBeNull();
    const out = page.querySelector<HTMLAnchorElement>("footer a");
    expect(out?.target).toBe("_blank");
    document.documentElement.classList.remove("is-frame");
  });
});

describe("a message that is still being made", () => {
  test("says how far it is, on the poster", () => {
    show({ phase: "processing", percent: 41.6, video_url: null });
    expect(page.querySelector(".vm-big-hint")?.textContent).toBe("The video is being made: 42 %");
    expect(page.querySelector("[role=status].unseen")?.textContent).toContain("goes on by itself");
  });

  test("has the shape of the picture before anything of it has come", () => {
    show({ phase: "processing", video_url: null, width_px: 640, height_px: 480 });
    const player = page.querySelector<HTMLElement>(".vm-player");
    expect(player?.style.getPropertyValue("--vm-ratio")).toBe("1.3333");
  });

  test("plays its stream where this browser can", () => {
    vi.spyOn(HTMLMediaElement.prototype, "canPlayType").mockReturnValue("maybe");
    const stream = { stream_url: "/s/token/stream", stream_type: "video/webm" };
    show({ phase: "processing", video_url: null, ...stream });
    expect(page.querySelector("video")?.getAttribute("src")).toBe("/s/token/stream");
  });
});

describe("reactions", () => {
  const press = (name: string): void => named(name)?.click();

  test("one press gives it at its moment, the next takes it back", async () => {
    const asked: string[] = [];
    server.use(
      http.post("*/s/token/reactions", async ({ request }) => {
        asked.push(JSON.stringify(await request.json()));
        return HttpResponse.json({ reactions: { "❤️": 3 }, own_reactions: ["❤️"] }, { status: 201 });
      }),
      http.delete("*/s/token/reactions/:emoji", ({ params }) => {
        asked.push(`back ${params.emoji}`);
        return HttpResponse.json({ reactions: { "❤️": 2 }, own_reactions: [] });
      }),
    );
    show();
    const video = page.querySelector("video");
    if (video) video.currentTime = 4;
    press("Heart, 2");
    expect(named("Heart, 3")?.getAttribute("aria-pressed")).toBe("true");
    expect(page.querySelector(".vm-strip")?.textContent).toBe("❤️");
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(JSON.parse(asked[0] ?? "")).toMatchObject({ emoji: "❤️", position_s: 4 });
    await vi.waitFor(() => {
      press("Heart, 3");
      expect(named("Heart, 2")?.getAttribute("aria-pressed")).toBe("false");
    });
    await vi.waitFor(() => expect(asked[1]).toBe("back ❤️"));
    expect(page.querySelector(".vm-strip")?.textContent).toBe("");
  });

  test("one that did not arrive is not shown as given", async () => {
    server.use(http.post("*/s/token/reactions", () => HttpResponse.error()));
    show();
    press("Thank you");
    await vi.waitFor(() =>
      expect(page.querySelector(".reactions .problem")?.textContent).toContain("connection"),
    );
    expect(named("Thank you")?.getAttribute("aria-pressed")).toBe("false");
  });
});

describe("a password", () => {
  const submit = (typed: string): void => {
    const input = page.querySelector("input");
    if (input) input.value = typed;
    page.querySelector("form")?.requestSubmit();
  };
  const problem = (): string | null | undefined => page.querySelector(".problem")?.textContent;

  test("opens the message", async () => {
    server.use(
      http.post("*/s/token/unlock", async ({ request }) => {
        expect(await request.json()).toEqual({ password: "moon" });
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const onOpen = vi.fn();
    askPassword(page, "en", calls, onOpen);
    submit("moon");
    await vi.waitFor(() => expect(onOpen).toHaveBeenCalledOnce());
  });

  test.each([
    ["a wrong one is told", 403, {}, "not the password"],
    ["too many tries are told, with the wait", 429, { "Retry-After": "37" }, "37 seconds"],
  ])("%s, and the keyboard is where it can be mended", async (_name, status, headers, words) => {
    server.use(
      http.post("*/s/token/unlock", () =>
        HttpResponse.json({ code: "password_wrong" }, { status, headers }),
      ),
    );
    askPassword(page, "en", calls, vi.fn());
    submit("sun");
    await vi.waitFor(() => expect(problem()).toContain(words));
    expect(document.activeElement).toBe(page.querySelector("input"));
  });

  test("an empty one asks nobody", () => {
    askPassword(page, "ja", calls, vi.fn());
    submit("");
    expect(problem()).toBe("パスワードを入力してください。");
  });
});

describe("a link without a message", () => {
  test.each<[Closed, string]>([
    ["gone", "taken the message back"],
    ["expired", "that day is over"],
    ["spent", "all its places are taken"],
    ["failed", "can make it again"],
    ["embed_off", "cannot be shown inside another page"],
  ])("%s has its own words", (why, words) => {
    showClosed(page, why, "en");
    expect(page.textContent).toContain(words);
    expect(page.querySelector("video")).toBeNull();
  });

  test("one that closes under the viewer's eyes is read out", () => {
    replaceByClosed(page, "expired", "ja");
    expect(document.activeElement?.textContent).toBe("リンクの期限が切れています");
  });
});
