/** What a sender does in the studio, and what they then see. */

import { expect, type Locator, type Page } from "@playwright/test";
import type { Catalogue } from "../src/i18n/en";
import { button, heading } from "./sender";

export const stage = (page: Page): Locator => page.locator("[data-stage]");
export const safety = (page: Page): Locator => page.locator("[data-safety]");
export const timer = (page: Page): Locator => page.getByRole("timer");

/** The choice among several takes. */
export const takes = (page: Page, t: Catalogue): Locator =>
  page.getByRole("group", { name: t.studio.takes }).getByRole("radio");

/** Open the studio and turn the camera on, as the fake permission allows. */
export async function turnOnCamera(page: Page, t: Catalogue): Promise<void> {
  await page.goto("/record");
  await button(page, t.studio.start).click();
  await expect(stage(page)).toHaveAttribute("data-phase", "ready");
  await cameraShows(page);
}

/** The preview has pictures. */
export async function cameraShows(page: Page): Promise<void> {
  await expect
    .poll(() => page.locator("video").evaluate((video: HTMLVideoElement) => video.videoWidth))
    .toBeGreaterThan(0);
}

/** Press the red button and wait for the countdown. */
export async function startRecording(page: Page, t: Catalogue): Promise<void> {
  await button(page, t.studio.record).click();
  await isRecording(page);
}

/** Record another take of this length, in seconds. */
export async function recordAgain(page: Page, t: Catalogue, lengthS: number): Promise<void> {
  await button(page, t.studio.retake).click();
  await isRecording(page);
  await recordUntil(page, lengthS);
  await stop(page, t);
}

export async function isRecording(page: Page): Promise<void> {
  await expect(stage(page)).toHaveAttribute("data-phase", "recording");
}

/** Wait until the recording is at least so long, in seconds. */
export async function recordUntil(page: Page, lengthS: number): Promise<void> {
  const recordedS = async () => {
    const [minutes = 0, seconds = 0] = ((await timer(page).textContent()) ?? "")
      .split(":")
      .map(Number);
    return 60 * minutes + seconds;
  };
  await expect.poll(recordedS, { timeout: 45_000 }).toBeGreaterThanOrEqual(lengthS);
}

export async function stop(page: Page, t: Catalogue): Promise<void> {
  await button(page, t.studio.stop).click();
  await isReviewing(page, t);
}

export async function isReviewing(page: Page, t: Catalogue): Promise<void> {
  await expect(heading(page, t.studio.reviewTitle)).toBeVisible();
  await expect(page.locator(".vm-player")).toBeVisible();
}

/** Everything that was recorded lies on the server. */
export async function isUploaded(page: Page, t: Catalogue): Promise<void> {
  await expect(page.getByText(t.studio.uploaded)).toBeVisible({ timeout: 30_000 });
}

/** Send, and be on the message's page with its link at hand. */
export async function send(page: Page, t: Catalogue): Promise<void> {
  await button(page, t.studio.send).click();
  await expect(heading(page, t.ready.shareTitle)).toBeVisible({ timeout: 60_000 });
}

/** How long the video in the page is, in seconds, as the browser measures it. */
export const videoLengthS = (page: Page): Promise<number> =>
  page.locator("video").evaluate((video: HTMLVideoElement) => video.duration);

/** Take a device away, as a pulled plug does. */
export async function loseTrack(page: Page, kind: "audio" | "video"): Promise<void> {
  await page.locator("video").evaluate((video: HTMLVideoElement, wished) => {
    const tracks = (video.srcObject as MediaStream).getTracks();
    const track = tracks.find((one) => one.kind === wished);
    track?.stop();
    // A track that is stopped by the page itself says nothing; a pulled plug does.
    track?.dispatchEvent(new Event("ended"));
  }, kind);
}

/** Let a call take the camera, or give it back. */
export async function muteTrack(page: Page, isMuted: boolean): Promise<void> {
  await page.locator("video").evaluate((video: HTMLVideoElement, muted) => {
    const [track] = (video.srcObject as MediaStream).getVideoTracks();
    if (!track) return;
    Object.defineProperty(track, "muted", { value: muted, configurable: true });
    track.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }, isMuted);
}
