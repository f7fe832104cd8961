/**
 * A link whose message is still being made, at every step that a test wants to see: the backend's
 * own answers, with what they say about the making replaced.
 */

import type { Page, Route } from "@playwright/test";
import { expect } from "@playwright/test";
import type { Playback } from "../src/share/message";

export interface Making {
  /** What the next questions are answered. */
  become: (changes: Partial<Playback>) => void;
}

const NOT_YET: Partial<Playback> = {
  phase: "processing",
  percent: 30,
  video_url: null,
  poster_url: null,
  captions_url: null,
  has_words: false,
  waveform_url: null,
};

/** Hold the message behind `link` back: `page` believes that it is being made. */
export async function holdBack(
  page: Page,
  link: string,
  changes: Partial<Playback> = {},
): Promise<Making> {
  let told: Partial<Playback> = { ...NOT_YET, ...changes };
  await page.route(link, async (route) => {
    const answer = await route.fetch();
    const html = await answer.text();
    await route.fulfill({
      response: answer,
      body: html.replace(
        /(<script [^>]*id="share">)(.*?)(<\/script>)/s,
        (_whole, open, facts, end) =>
          [open, JSON.stringify({ ...JSON.parse(facts), ...told }), end].join(""),
      ),
    });
  });
  await page.route(`${link}/state`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), ...told } });
  });
  return {
    become: (next) => {
      told = next;
    },
  };
}

/** A recording as a browser makes it: a moving picture and a hum, about `seconds` long. */
export async function recordStream(
  page: Page,
  seconds: number,
  shape: "wide" | "tall" = "wide",
): Promise<Buffer> {
  const size = shape === "wide" ? { width: 320, height: 180 } : { width: 180, height: 320 };
  const recorded = [seconds, size] as const;
  const bytes = await page.evaluate(async ([durationS, picture]) => {
    const canvas = Object.assign(document.createElement("canvas"), picture);
    const brush = canvas.getContext("2d");
    const paint = setInterval(() => {
      if (!brush) return;
      brush.fillStyle = `hsl(${performance.now() / 10} 60% 50%)`;
      brush.fillRect(0, 0, canvas.width, canvas.height);
    }, 40);
    const sound = new AudioContext();
    const hum = sound.createOscillator();
    const out = sound.createMediaStreamDestination();
    hum.connect(out);
    hum.start();
    const stream = new MediaStream([
      ...canvas.captureStream(25).getTracks(),
      ...out.stream.getTracks(),
    ]);
    const recorder = new MediaRecorder(stream, { mimeType: "video/webm;codecs=vp8,opus" });
    const pieces: Blob[] = [];
    recorder.ondataavailable = (event) => pieces.push(event.data);
    recorder.start();
    await new Promise((wake) => setTimeout(wake, durationS * 1000));
    const ended = new Promise((resolve) => Object.assign(recorder, { onstop: resolve }));
    recorder.stop();
    await ended;
    clearInterval(paint);
    await sound.close();
    return [...new Uint8Array(await new Blob(pieces).arrayBuffer())];
  }, recorded);
  expect(bytes.length).toBeGreaterThan(1000);
  return Buffer.from(bytes);
}

/** Serve `stream` behind the link, with ranges, as the backend does. */
export async function serveStream(page: Page, link: string, stream: Buffer): Promise<void> {
  await page.route(`${link}/stream`, (route) => answerRange(route, stream));
}

function answerRange(route: Route, stream: Buffer): Promise<void> {
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(route.request().headers().range ?? "") ?? [];
  const headers = { "Content-Type": "video/webm", "Accept-Ranges": "bytes" };
  if (from === undefined) return route.fulfill({ status: 200, headers, body: stream });
  const end = to ? Number(to) : stream.length - 1;
  const range = `bytes ${from}-${end}/${stream.length}`;
  const piece = stream.subarray(Number(from), end + 1);
  return route.fulfill({
    status: 206,
    headers: { ...headers, "Content-Range": range },
    body: piece,
  });
}

/** A browser that can play nothing but the finished video. */
export async function refuseStreams(page: Page): Promise<void> {
  await page.addInitScript(() => {
    HTMLMediaElement.prototype.canPlayType = () => "";
  });
}
