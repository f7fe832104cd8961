/** A message that is watched while it is still being made. */

import type { Page } from "@playwright/test";
import { shareTexts } from "../src/share/texts";
import { expectAccessible } from "./accessible";
import { draftRecording, isReady, order, type Share, share } from "./api";
import { each, languages } from "./looks";
import { holdBack, type Making, recordStream, refuseStreams, serveStream } from "./making";
import { DESKTOP, expect, keepPictures, PHONE, type Sender, test } from "./scene";
import { bigPlay, playedS, player, watchToTheEnd } from "./watching";

const hint = (page: Page) => page.locator(".vm-big-hint");
const source = (page: Page): Promise<string | null> => page.locator("video").getAttribute("src");

/** All that a finished message has. */
const READY = { phase: "ready", percent: 100 } as const;

for (const language of languages("ja")) {
  const locale = language === "ja" ? "ja-JP" : "en-US";

  test(`a browser that cannot play the stream waits, and goes on by itself (${language})`, async ({
    newcomer,
    sender,
  }) => {
    const texts = shareTexts[language];
    const link = await share(sender.request, sender.messageId);
    const page = await newcomer({ locale, viewport: PHONE });
    await refuseStreams(page);
    const stream = {
      stream_url: `${new URL(link.url).pathname}/stream`,
      stream_type: "video/webm",
    };
    const making = await holdBack(page, link.url, stream);
    await page.goto(link.url);
    await expect(hint(page)).toHaveText(texts.beingMade(30));
    await expect(page.getByRole("status").filter({ hasText: texts.isBeingMade })).toHaveCount(1);
    making.become({ ...stream, phase: "processing", percent: 63.4, video_url: null });
    await expect(hint(page)).toHaveText(texts.beingMade(63));
    await expectAccessible(page, `a message being made, ${language}`);
    await keepPictures(page, `waiting-${language}`);
    await page.setViewportSize(PHONE);
    await bigPlay(page).click();
    await expect(hint(page)).toContainText(texts.beingMade(63));
    await keepPictures(page, `waiting-wanted-${language}`);
    await expectAccessible(page, `a message that is waited for, ${language}`);
    making.become(READY);
    await expect.poll(() => playedS(page)).toBeGreaterThan(0.3);
    await expect(player(page)).toHaveAttribute("data-state", "playing");
    expect(await source(page)).toContain("/video.mp4");
    await expect(page.locator(".vm-captions p").first()).toBeVisible();
  });
}

test("whoever has not pressed play finds the button, and no sound starts by itself", async ({
  newcomer,
  sender,
}) => {
  const { page, making } = await openHeldBack(newcomer, sender, PHONE, null);
  await expect(hint(page)).toHaveText(shareTexts.en.beingMade(30));
  await keepPictures(page, "waiting-without-a-poster");
  making.become(READY);
  await expect(hint(page)).toHaveText("0:04");
  await expect.poll(() => source(page)).toContain("/video.mp4");
  await expect(page.locator("video")).toHaveAttribute("poster", /poster\.jpg$/);
  await expect(player(page)).toHaveAttribute("data-state", "fresh");
  expect(await playedS(page)).toBe(0);
});

for (const viewport of each([PHONE, DESKTOP], DESKTOP)) {
  test(`the stream plays at once, and the video waits until it has ended (${viewport.width})`, async ({
    newcomer,
    sender,
  }) => {
    const { page, link, making } = await openHeldBack(newcomer, sender, viewport);
    await serveStream(page, link.url, await recordStream(page, 6));
    await page.reload();
    await bigPlay(page).click();
    await expect.poll(() => playedS(page)).toBeGreaterThan(0.3);
    expect(await source(page)).toMatch(/\/stream$/);
    const asked = page.waitForResponse("**/state");
    making.become({ ...READY, ...streamOf(link) });
    await asked;
    await expect(page.getByRole("button", { name: "Captions" })).toBeVisible();
    expect(await source(page)).toMatch(/\/stream$/);
    await expect(player(page)).toHaveAttribute("data-state", "playing");
    await page.locator("video").evaluate(ended);
    await expect.poll(() => source(page)).toContain("/video.mp4");
    await page.getByRole("button", { name: "Watch again" }).click();
    await watchToTheEnd(page);
  });
}

// The three that follow leave nothing out: a recording, its stream and the video that is made of it.

test("a recording is watched as soon as it is sent, then as the finished video", async ({
  newcomer,
  sender,
}) => {
  const page = await newcomer({ viewport: PHONE });
  await page.goto("/s/no-such-link");
  const message = await draftRecording(sender.request, "Hi", await recordStream(page, 8));
  await order(sender.request, message);
  const link = await share(sender.request, message);
  await page.goto(link.url);
  await bigPlay(page).click();
  await expect.poll(() => playedS(page)).toBeGreaterThan(0.3);
  expect(await source(page)).toMatch(/\/stream$/);
  await keepPictures(page, "recording-stream");
  await page.locator("video").evaluate(ended);
  await isReady(sender.request, message);
  await expect.poll(() => source(page), { timeout: 30_000 }).toMatch(/\/video\.mp4$/);
  await page.getByRole("button", { name: "Watch again" }).click();
  await watchToTheEnd(page);
  await expect(page.locator(".vm-underlay path")).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Captions" })).toBeHidden();
  await keepPictures(page, "recording-video");
  await expect(page.getByText(shareTexts.en.synthetic)).toHaveCount(0);
});

test("a recording waits for the video where its stream cannot be played", async ({
  newcomer,
  sender,
}) => {
  const page = await newcomer({ viewport: PHONE });
  await refuseStreams(page);
  await page.goto("/s/no-such-link");
  const message = await draftRecording(sender.request, "Hi", await recordStream(page, 5));
  await order(sender.request, message);
  const link = await share(sender.request, message);
  await page.goto(link.url);
  await bigPlay(page).click();
  await expect(hint(page)).toContainText("starts by itself");
  await keepPictures(page, "recording-waiting");
  await expect.poll(() => playedS(page), { timeout: 60_000 }).toBeGreaterThan(0.3);
  expect(await source(page)).toMatch(/\/video\.mp4$/);
});

test("a recording has the shape of its picture at once, and nothing moves later", async ({
  newcomer,
  sender,
}) => {
  const page = await newcomer({ viewport: PHONE });
  await page.goto("/s/no-such-link");
  const message = await draftRecording(sender.request, "Hi", await recordStream(page, 3, "tall"));
  await order(sender.request, message);
  const link = await share(sender.request, message);
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as LayoutShift).value);
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(link.url);
  await expect(bigPlay(page)).toBeVisible();
  const shape = await player(page).evaluate(
    ({ clientWidth, clientHeight }) => clientWidth / clientHeight,
  );
  expect(shape).toBeCloseTo(180 / 320, 2);
  await bigPlay(page).click();
  await expect.poll(() => playedS(page)).toBeGreaterThan(0.3);
  expect(await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts)).toEqual([]);
  await keepPictures(page, "recording-tall");
});

type LayoutShift = PerformanceEntry & { value: number };

test("a viewer who has paused keeps the picture they stopped at", async ({ newcomer, sender }) => {
  const { page, link, making } = await openHeldBack(newcomer, sender);
  await serveStream(page, link.url, await recordStream(page, 5));
  await page.reload();
  await bigPlay(page).click();
  await expect.poll(() => playedS(page)).toBeGreaterThan(0.3);
  await page.keyboard.press("k");
  const stoppedS = await playedS(page);
  making.become({ ...READY, ...streamOf(link) });
  await expect(page.getByRole("button", { name: "Captions" })).toBeVisible();
  expect(await source(page)).toMatch(/\/stream$/);
  expect(await playedS(page)).toBe(stoppedS);
});

test("a stream that breaks is followed by the video, from the same place", async ({
  newcomer,
  sender,
}) => {
  const { page, link, making } = await openHeldBack(newcomer, sender);
  const whole = await recordStream(page, 6);
  // Not a WebM from the middle on.
  await serveStream(
    page,
    link.url,
    Buffer.concat([whole.subarray(0, 400), Buffer.alloc(20_000, 7)]),
  );
  await page.reload();
  await bigPlay(page).click();
  await expect(hint(page)).toContainText(shareTexts.en.beingMade(30));
  making.become({ ...READY, ...streamOf(link) });
  await expect.poll(() => playedS(page)).toBeGreaterThan(0.3);
  expect(await source(page)).toContain("/video.mp4");
});

test("a message that cannot be made says so", async ({ newcomer, sender }) => {
  const { page, making } = await openHeldBack(newcomer, sender, PHONE, null);
  making.become({ phase: "failed", percent: 40, video_url: null });
  const { title } = shareTexts.en.closed.failed;
  await expect(page.getByRole("heading", { name: title })).toBeFocused();
  await expectAccessible(page, "a message that failed");
});

test("a link that is taken back while the page waits says so", async ({ newcomer, sender }) => {
  const { page, link } = await openHeldBack(newcomer, sender);
  await page.unroute(`${link.url}/state`);
  await page.route(`${link.url}/state`, (route) =>
    route.fulfill({ status: 404, json: { code: "not_found" } }),
  );
  const { title } = shareTexts.en.closed.gone;
  await expect(page.getByRole("heading", { name: title })).toBeFocused();
});

const streamOf = (link: Share) => ({
  stream_url: `${new URL(link.url).pathname}/stream`,
  stream_type: "video/webm",
});

/** Open a message that is being made, with a stream unless `stream` is null. */
async function openHeldBack(
  newcomer: (options?: { viewport: typeof PHONE }) => Promise<Page>,
  sender: Sender,
  viewport = PHONE,
  stream: "stream" | null = "stream",
): Promise<{ page: Page; link: Share; making: Making }> {
  const link = await share(sender.request, sender.messageId);
  const page = await newcomer({ viewport });
  const making = await holdBack(page, link.url, stream ? streamOf(link) : {});
  await page.goto(link.url);
  return { page, link, making };
}

const ended = (video: HTMLVideoElement | SVGElement): Promise<void> =>
  new Promise((resolve) => {
    video.addEventListener("ended", () => resolve(), { once: true });
  });
