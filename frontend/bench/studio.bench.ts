/**
 * The studio: how soon a recording is watched after Stop, what its upload costs, and Lighthouse.
 *
 * Bars: Stop to the recipient's first picture ≤ 1.5 s (median of 10 takes of 30 s at 360p), upload
 * overhead ≤ 2 %, and Lighthouse's performance ≥ 90, accessibility 100.
 */

import type { Page, Request } from "@playwright/test";
import { PHONE, test } from "../e2e/scene";
import { words } from "../e2e/sender";
import * as studio from "../e2e/studio";
import { playerLabels } from "../src/player/labels";
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
    const page = await newcomer({ viewport: PHONE, storageState });
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
        "it is a message that can be shared",
        of((take) => take.sentMs),
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
  const stopped = await press(page, t.studio.stop);
  await press(page, t.studio.send);
  const copied = await press(page, t.ready.loopbackCopy);
  const link = await page.evaluate(fieldValue, t.ready.linkField);
  await recipient.goto(link, { waitUntil: "commit" });
  await press(recipient, playerLabels.en.play);
  const shown = await recipient.evaluate(firstPicture);
  const { bytes, all } = await sentBytes(requests);
  return {
    sentMs: copied - stopped,
    firstPictureMs: shown - stopped,
    bytes,
    overhead: all / bytes - 1,
  };
}

/** Press a button as soon as it is there; return when that was. The test's own looks come late. */
const press = (page: Page, name: string): Promise<number> =>
  page.evaluate(
    (wanted) =>
      new Promise<number>((pressed) => {
        const isIt = ({ ariaLabel, textContent, disabled }: HTMLButtonElement): boolean =>
          !disabled && (ariaLabel ?? textContent)?.trim() === wanted;
        const look = (): void => {
          const button = [...document.querySelectorAll("button")].find(isIt);
          if (!button) return void requestAnimationFrame(look);
          button.click();
          pressed(Date.now());
        };
        look();
      }),
    name,
  );

const fieldValue = (name: string): Promise<string> =>
  new Promise((read) => {
    const look = (): void => {
      const field = document.querySelector<HTMLInputElement>(`input[aria-label="${name}"]`);
      if (field) read(field.value);
      else requestAnimationFrame(look);
    };
    look();
  });

const firstPicture = (): Promise<number> =>
  new Promise((shown) => {
    const look = (): void => {
      const isMoving = (document.querySelector("video")?.currentTime ?? 0) > 0;
      if (isMoving) shown(Date.now());
      else requestAnimationFrame(look);
    };
    look();
  });

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
