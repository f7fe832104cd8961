/**
 * The studio: how soon a recording is watched after Stop, what its upload costs, and Lighthouse.
 *
 * Bars: Stop to the recipient's first picture ≤ 1.5 s (median of 10 takes of 30 s at 360p), upload
 * overhead ≤ 2 %, and Lighthouse's performance ≥ 90, accessibility 100.
 */

import type { Page, Request } from "@playwright/test";
import { DESKTOP, PHONE, test } from "../e2e/scene";
import { button, field, heading, words } from "../e2e/sender";
import * as studio from "../e2e/studio";
import { bigPlay } from "../e2e/watching";
import { lighthouse, lighthouseTable } from "./lighthouse";
import { median, seconds, table } from "./tables";

const TAKES = 10;
const TAKE_S = 30;
const LIGHTHOUSE_RUNS = 3;
const t = words.en;

test("Stop to the first picture", async ({ newcomer, sender }) => {
  test.setTimeout(TAKES * 90_000);
  const takes: Take[] = [];
  for (let take = 0; take < TAKES; take += 1) {
    const storageState = await sender.request.storageState();
    const page = await newcomer({ viewport: DESKTOP, storageState });
    takes.push(await measure(page, await newcomer({ viewport: PHONE })));
    await page.context().close();
  }
  const of = (pick: (take: Take) => number): number[] => takes.map(pick);
  const firsts = of((take) => take.firstPictureMs);
  console.log(
    `\nFrom Stop to the recipient's first picture: ${TAKES} takes of ${TAKE_S} s at 360p`,
  );
  console.log("(bars: 1.5 s, 2 %); each button is pressed as soon as it can be");
  const head = ["", "median", "the slowest"];
  const row = (name: string, values: number[]): string[] => [
    name,
    seconds(median(values)),
    seconds(Math.max(...values)),
  ];
  console.log(
    table(head, [
      row(
        "it lies whole on the server and is a message",
        of((take) => take.sentMs),
      ),
      row(
        "its link is there",
        of((take) => take.linkMs),
      ),
      row("**the recipient's first picture**", firsts),
    ]),
  );
  const sent = of((take) => take.overhead);
  console.log(`\nBytes sent beyond the recording's own: median ${percent(median(sent))}, `);
  console.log(
    `at most ${percent(Math.max(...sent))}, of ${Math.round(median(of((take) => take.bytes)) / 1000)} kB`,
  );
});

interface Take {
  sentMs: number;
  linkMs: number;
  firstPictureMs: number;
  bytes: number;
  /** Bytes of all requests that the upload took, headers too, beyond `bytes`, as a share of it. */
  overhead: number;
}

async function measure(page: Page, recipient: Page): Promise<Take> {
  const requests: Request[] = [];
  page.on("requestfinished", (request) => {
    if (new URL(request.url()).pathname.startsWith("/api/v1/uploads")) requests.push(request);
  });
  await studio.turnOnCamera(page, t);
  await studio.startRecording(page, t);
  await studio.recordUntil(page, TAKE_S);
  const stoppedAt = Date.now();
  const since = (): number => Date.now() - stoppedAt;
  await button(page, t.studio.stop).click();
  await button(page, t.studio.send).click();
  await heading(page, t.ready.shareTitle).waitFor();
  const sentMs = since();
  await button(page, t.ready.loopbackCopy).click();
  const link = await field(page, t.ready.linkField).inputValue();
  const linkMs = since();
  await recipient.goto(link, { waitUntil: "commit" });
  await bigPlay(recipient).click();
  await recipient.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 0);
  const firstPictureMs = since();
  const { bytes, all } = await sentBytes(requests);
  return { sentMs, linkMs, firstPictureMs, bytes, overhead: all / bytes - 1 };
}

/** `bytes`: of the parts themselves; `all`: of everything that went up for them. */
async function sentBytes(requests: Request[]): Promise<{ bytes: number; all: number }> {
  let [bytes, all] = [0, 0];
  for (const request of requests) {
    const length = Number((await request.allHeaders())["content-length"] ?? 0);
    if (request.method() === "PUT") bytes += length;
    all += length + (await request.sizes()).requestHeadersSize;
  }
  return { bytes, all };
}

test("Lighthouse", async ({ origin, sender }) => {
  const cookie = (await sender.request.storageState()).cookies
    .map(({ name, value }) => `${name}=${value}`)
    .join("; ");
  const runs = [];
  for (let run = 0; run < LIGHTHOUSE_RUNS; run += 1) {
    runs.push(await lighthouse(`${origin}/record`, { Cookie: cookie }));
  }
  console.log(`\nThe studio in Lighthouse (bar: performance 90, accessibility 100)`);
  console.log(lighthouseTable(runs));
});

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
