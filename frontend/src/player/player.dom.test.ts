import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { playerLabels } from "./labels";
import { createPlayer, type Player, type PlayerOptions } from "./player";

/**
 * jsdom draws elements but plays nothing: `play`, `pause` and `load` are the outer edge here. What
 * hangs on a real decoder (captions, full screen, the end) is tested in a real browser, in e2e/.
 */
let isPaused = true;
let player: Player;

beforeEach(() => {
  isPaused = true;
  localStorage.clear();
  const media = HTMLMediaElement.prototype;
  vi.spyOn(media, "paused", "get").mockImplementation(() => isPaused);
  vi.spyOn(media, "load").mockImplementation(() => undefined);
  vi.spyOn(media, "play").mockImplementation(async function (this: HTMLMediaElement) {
    isPaused = false;
    this.dispatchEvent(new Event("play"));
  });
  vi.spyOn(media, "pause").mockImplementation(function (this: HTMLMediaElement) {
    isPaused = true;
    this.dispatchEvent(new Event("pause"));
  });
});

afterEach(() => {
  player.destroy();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(HTMLTrackElement.prototype, "track");
});

/** jsdom reads no captions: all that stands for them is that there is something to read. */
function unreadTrack(): { mode: string } {
  const value = Object.assign(new EventTarget(), { mode: "disabled", activeCues: null });
  Object.defineProperty(HTMLTrackElement.prototype, "track", { configurable: true, value });
  return value;
}

function open(extra: Partial<PlayerOptions> = {}): Player {
  player = createPlayer(document.body, {
    src: "/s/token/video.mp4",
    title: "Happy birthday",
    aspect: "16:9",
    durationS: 60,
    labels: playerLabels.en,
    ...extra,
  });
  return player;
}

const state = (): string | undefined => player.root.dataset.state;
const press = (key: string, target: Element = player.root): void => {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
};
const named = (name: string): HTMLElement => {
  const found = player.root.querySelector<HTMLElement>(`[aria-label="${name}"]`);
  if (!found) throw new Error(`nothing is called ${name}`);
  return found;
};

describe("before the first play", () => {
  test("one big button says what it plays and how long that is", () => {
    open();
    expect(state()).toBe("fresh");
    expect(named("Play “Happy birthday”, 1:00").tagName).toBe("BUTTON");
  });

  test("a viewer who stopped in the middle may go on or start again", () => {
    open();
    press("k");
    player.video.currentTime = 20;
    player.video.dispatchEvent(new Event("timeupdate"));
    player.destroy();
    open();
    expect(named("Resume at 0:20")).toBeTruthy();
    expect(player.root.querySelector(".vm-from-start")?.hasAttribute("hidden")).toBe(false);
  });

  test("no captions, no captions button", () => {
    open();
    expect(named("Captions").hidden).toBe(true);
  });
});

describe("a video that is still being made", () => {
  test("pressing play before there is anything to play starts it as soon as there is", () => {
    open({ src: null });
    player.setPreparing("Being made: 40 %");
    named("Play “Happy birthday”, 1:00").click();
    expect(state()).toBe("fresh");
    expect(player.video.play).not.toHaveBeenCalled();
    expect(player.root.querySelector(".vm-big-hint")?.textContent).toContain("starts by itself");
    player.setPreparing(null);
    player.setSource("/s/token/video.mp4");
    expect(state()).toBe("playing");
  });

  test("whoever has not pressed play is not startled", () => {
    open({ src: null });
    player.setSource("/s/token/video.mp4");
    expect(player.video.getAttribute("src")).toBe("/s/token/video.mp4");
    expect(state()).toBe("fresh");
    expect(player.video.play).not.toHaveBeenCalled();
  });

  test("a better file after the end is offered from the start", () => {
    open({ src: "/s/token/stream" });
    press("k");
    vi.spyOn(player.video, "ended", "get").mockReturnValue(true);
    player.video.dispatchEvent(new Event("ended"));
    vi.spyOn(player.video, "ended", "get").mockReturnValue(false);
    isPaused = true;
    player.setSource("/s/token/video.mp4");
    expect(state()).toBe("fresh");
    named("Watch again").click();
    expect(player.video.currentTime).toBe(0);
    expect(state()).toBe("playing");
  });

  test("a stream that breaks in the middle goes on from there with the file that comes", async () => {
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => new Response("x", { status: 206 })),
    );
    open({ src: "/s/token/stream", onUnplayable: () => true });
    press("k");
    player.video.currentTime = 12;
    player.video.dispatchEvent(new Event("error"));
    await vi.waitFor(() => expect(player.video.getAttribute("src")).toBeNull());
    player.video.currentTime = 0; // what load() does in a real browser
    player.setSource("/s/token/video.mp4");
    expect(state()).toBe("playing");
    player.video.dispatchEvent(new Event("loadedmetadata"));
    expect(player.video.currentTime).toBe(12);
  });
});

describe("a video that asks who comes in", () => {
  test("is not touched before it may be played", async () => {
    const admit = vi.fn(async () => true);
    open({ admit });
    expect(player.video.getAttribute("src")).toBeNull();
    press("k");
    press("k");
    await vi.waitFor(() => expect(state()).toBe("playing"));
    expect(player.video.getAttribute("src")).toBe("/s/token/video.mp4");
    expect(admit).toHaveBeenCalledOnce();
  });

  test("keeps the keyboard within the player, however long the answer takes", async () => {
    let letIn: (may: boolean) => void = () => undefined;
    open({ admit: () => new Promise((answer) => (letIn = answer)) });
    const big = named("Play “Happy birthday”, 1:00");
    big.focus();
    big.click();
    letIn(true);
    await vi.waitFor(() => expect(document.activeElement).toBe(named("Pause")));
  });

  test("has the captions that were made while it waited for the press", async () => {
    unreadTrack();
    open({ admit: async () => true });
    player.setCaptions("/s/token/captions.vtt", "ja");
    expect(player.video.querySelector("track")).toBeNull();
    press("k");
    await vi.waitFor(() => expect(state()).toBe("playing"));
    expect(player.video.querySelector("track")?.getAttribute("src")).toBe("/s/token/captions.vtt");
    expect(named(playerLabels.en.captions).hidden).toBe(false);
  });

  test("is not played by somebody who came too late, and may be asked again", async () => {
    const admit = vi.fn(async () => false);
    open({ admit });
    press("k");
    await vi.waitFor(() => expect("waiting" in player.root.dataset).toBe(false));
    expect(player.video.getAttribute("src")).toBeNull();
    expect(state()).toBe("fresh");
    press("k");
    expect(admit).toHaveBeenCalledTimes(2);
  });
});

describe("outside of the page", () => {
  test.each([
    ["full screen on a phone", "webkitbeginfullscreen", "webkitendfullscreen"],
    ["picture in picture", "enterpictureinpicture", "leavepictureinpicture"],
  ])("the browser itself draws the captions: %s", (_name, begins, ends) => {
    const track = unreadTrack();
    open({ captions: "/s/token/captions.vtt", captionsLanguage: "ja" });
    expect(track.mode).toBe("hidden");
    player.video.dispatchEvent(new Event(begins));
    expect(track.mode).toBe("showing");
    player.video.dispatchEvent(new Event(ends));
    expect(track.mode).toBe("hidden");
  });

  test("the video floats over other windows where the browser can", () => {
    Object.defineProperty(document, "pictureInPictureEnabled", { configurable: true, value: true });
    open();
    const request = vi.fn(async () => undefined);
    Object.assign(player.video, { requestPictureInPicture: request });
    named(playerLabels.en.pictureInPicture).click();
    expect(request).toHaveBeenCalledOnce();
    Reflect.deleteProperty(document, "pictureInPictureEnabled");
    player.destroy();
    open();
    expect(named(playerLabels.en.pictureInPicture).hidden).toBe(true);
  });
});

describe("the keyboard", () => {
  test("K plays and pauses", () => {
    open();
    press("k");
    expect(state()).toBe("playing");
    press("k");
    expect(state()).toBe("paused");
  });

  test("J, L and the arrows step within the video", () => {
    open();
    press("l");
    expect(player.video.currentTime).toBe(10);
    press("ArrowRight");
    expect(player.video.currentTime).toBe(15);
    press("j");
    press("j");
    expect(player.video.currentTime).toBe(0);
    press("End");
    expect(player.video.currentTime).toBe(60);
  });

  test("the seek bar speaks the position", () => {
    open();
    press("5");
    expect(named("Position").getAttribute("aria-valuetext")).toBe("0:30 of 1:00");
  });

  test("Space on a button presses that button alone", () => {
    open();
    press(" ", named("Mute"));
    expect(state()).toBe("fresh");
    press(" ");
    expect(state()).toBe("playing");
  });

  test("M mutes and the button says how to get the sound back", () => {
    open();
    press("m");
    player.video.dispatchEvent(new Event("volumechange"));
    expect(player.video.muted).toBe(true);
    expect(named("Unmute")).toBeTruthy();
  });

  test("> speeds up, one step at a time and not past the last", () => {
    open();
    press(">");
    expect(player.video.playbackRate).toBe(1.25);
    for (let index = 0; index < 9; index += 1) press(">");
    expect(player.video.playbackRate).toBe(2);
  });
});

describe("failures", () => {
  const fails = async (answer: () => Promise<Response>): Promise<void> => {
    vi.stubGlobal("fetch", vi.fn(answer));
    player.video.dispatchEvent(new Event("error"));
    await vi.waitFor(() => expect(state()).toBe("failed"));
  };
  const alert = (): string | null | undefined =>
    player.root.querySelector('[role="alert"]')?.textContent;

  test("a video that is gone says so and tells the page", async () => {
    const onGone = vi.fn();
    open({ onGone });
    await fails(async () => new Response(null, { status: 404 }));
    expect(alert()).toBe(playerLabels.en.failures.gone);
    expect(onGone).toHaveBeenCalledOnce();
  });

  test("a lost connection goes on by itself, from the same place, when it is back", async () => {
    open();
    press("k");
    player.video.currentTime = 12;
    await fails(() => Promise.reject(new TypeError("offline")));
    expect(alert()).toBe(playerLabels.en.failures.offline);
    window.dispatchEvent(new Event("online"));
    expect(player.video.load).toHaveBeenCalled();
    player.video.currentTime = 0; // what load() does in a real browser
    player.video.dispatchEvent(new Event("loadedmetadata"));
    expect(player.video.currentTime).toBe(12);
    expect(state()).toBe("playing");
  });

  test("a busy server offers another try", async () => {
    open();
    await fails(async () => new Response(null, { status: 503 }));
    expect(player.root.querySelector(".vm-failure button")?.textContent).toBe("Try again");
  });
});
