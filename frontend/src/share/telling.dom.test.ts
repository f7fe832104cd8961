import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PlaybackEvent } from "./calls";
import { tellPlayback } from "./telling";

describe("tellPlayback", () => {
  let video: HTMLVideoElement;
  let told: PlaybackEvent[];
  let last: PlaybackEvent[];
  let clockMs: number;
  let isPaused: boolean;
  let answer: () => Promise<void>;
  let stop: () => void;
  let played: [number, number][];

  beforeEach(() => {
    video = document.createElement("video");
    told = [];
    last = [];
    clockMs = 0;
    isPaused = false;
    answer = async () => undefined;
    vi.spyOn(video, "paused", "get").mockImplementation(() => isPaused);
    vi.spyOn(video, "ended", "get").mockReturnValue(false);
    played = [];
    Object.defineProperty(video, "played", {
      get: () => ({
        length: played.length,
        start: (index: number) => played[index]?.[0],
        end: (index: number) => played[index]?.[1],
      }),
    });
    stop = tellPlayback({
      calls: {
        tell(event) {
          told.push(event);
          return answer();
        },
        tellLast: (event) => void last.push(event),
      },
      video,
      durationS: 100,
      now: () => clockMs,
    });
  });

  afterEach(() => stop());

  const happens = (name: string): void => void video.dispatchEvent(new Event(name));
  const playTo = (endS: number): void => {
    const startS = video.currentTime;
    played.push([startS, startS]);
    for (let timeS = startS; timeS <= endS; timeS += 0.25) {
      video.currentTime = timeS;
      played.splice(-1, 1, [startS, timeS]);
      clockMs += 250;
      happens("timeupdate");
    }
  };

  test("a page that is opened is not a view", () => {
    expect(told).toEqual([{ kind: "opened" }]);
  });

  test("a view begins with the first picture that moves, whatever buffers later", () => {
    happens("playing");
    happens("waiting");
    happens("playing");
    expect(told.map((event) => event.kind)).toEqual(["opened", "played"]);
  });

  test("what was watched is told every five seconds, each part once", () => {
    happens("playing");
    playTo(12);
    const progress = told.filter((event) => event.kind === "progress");
    expect(progress.map((event) => event.watched)).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
  });

  test("the rest is told at the end; watching again may be a new view", () => {
    happens("playing");
    playTo(4);
    video.currentTime = 4;
    happens("ended");
    happens("playing");
    expect(told.slice(-2)).toEqual([{ kind: "ended", watched: [0, 1, 2] }, { kind: "played" }]);
  });

  test("what is left is told while the page goes away", () => {
    happens("playing");
    playTo(3);
    window.dispatchEvent(new Event("pagehide"));
    expect(last).toEqual([{ kind: "progress", watched: [0, 1] }]);
  });

  test("what did not arrive is told with the next", async () => {
    happens("playing");
    answer = () => Promise.reject(new Error("offline"));
    playTo(3);
    happens("pause");
    await vi.waitFor(() => expect(told.at(-1)?.watched).toEqual([0, 1]));
    answer = async () => undefined;
    playTo(9);
    expect(told.at(-1)?.watched).toEqual(expect.arrayContaining([0, 1, 2]));
  });

  test("a jump is not watched", () => {
    happens("playing");
    playTo(1);
    video.currentTime = 60;
    playTo(61);
    happens("pause");
    expect(told.at(-1)?.watched).toEqual([0, 30]);
  });
});
