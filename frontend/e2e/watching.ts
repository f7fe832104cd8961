/** What a recipient does with the player, and what they then see. */

import { expect, type Locator, type Page } from "@playwright/test";

export const bigPlay = (page: Page): Locator => page.locator(".vm-big");
export const player = (page: Page): Locator => page.locator(".vm-player");

/** Remember every caption that was shown; call before the video plays. */
export async function noteCaptions(page: Page): Promise<() => Promise<string>> {
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { seenCaptions: seen });
    // A limited link has no captions before it lets somebody in: their layer comes later.
    new MutationObserver(() => {
      const layer = document.querySelector(".vm-captions:not([hidden])");
      const words = layer?.textContent?.trim() ?? "";
      if (words && words !== seen.at(-1)) seen.push(words);
    }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["hidden"] });
  });
  return () =>
    page.evaluate(() => (window as unknown as { seenCaptions: string[] }).seenCaptions.join(" "));
}

/**
 * Press the big button and see the first caption over a picture that moves. It is noted when it is
 * shown: a busy machine may look only after a short video has ended.
 */
export async function startWatching(page: Page): Promise<void> {
  await expect(bigPlay(page)).toBeVisible();
  const captions = await noteCaptions(page);
  await bigPlay(page).click();
  await expect.poll(() => playedS(page)).toBeGreaterThan(0.2);
  await expect.poll(captions).not.toBe("");
}

/** Wait for the video's own `ended`, without skipping anything. */
export async function watchToTheEnd(page: Page): Promise<void> {
  await page.locator("video").evaluate(
    (video: HTMLVideoElement) =>
      new Promise<void>((resolve) => {
        if (video.ended) resolve();
        else video.addEventListener("ended", () => resolve(), { once: true });
      }),
  );
  await expect(player(page)).toHaveAttribute("data-state", "ended");
}

export const playedS = (page: Page): Promise<number> =>
  page.locator("video").evaluate((video: HTMLVideoElement) => video.currentTime);
