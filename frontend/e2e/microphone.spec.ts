/** A microphone that is refused or missing is explained, and a file will do instead. */

import { chromium, type Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { findChromium, QUIET } from "./chromium";
import { expect, keepPictures, test } from "./scene";
import { button, chooseRecording, words } from "./sender";

const t = words.en;

/** Try to record, be told what is wrong and what to do, and choose a file instead. */
async function expectHelp(page: Page, failure: string): Promise<void> {
  await page.goto("/voices/new");
  await button(page, t.newVoice.start).click();
  const said = t.newVoice.errors[failure];
  await expect(page.getByText(said?.what ?? "")).toBeVisible();
  await expect(page.getByText(said?.fix ?? "")).toBeVisible();
  await keepPictures(page, `microphone-${failure}`);
  await expectAccessible(page, "the microphone's problem");
  await chooseRecording(page, t);
  await expect(page.getByText("microphone.wav")).toBeVisible();
}

test("a refused microphone is explained", async ({ origin, sender }) => {
  // Refusing is a setting of the whole browser.
  const flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny"];
  const executablePath = findChromium() ?? "";
  const browser = await chromium.launch({ executablePath, args: [...QUIET, ...flags] });
  try {
    const storageState = await sender.request.storageState();
    const context = await browser.newContext({ baseURL: origin, storageState, locale: "en-US" });
    await expectHelp(await context.newPage(), "denied");
  } finally {
    await browser.close();
  }
});

test("a missing microphone is explained", async ({ signedIn: page }) => {
  // No flag takes the sound devices away from a computer that has some: the browser's answer is
  // the edge at which the test stands.
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException("Requested device not found", "NotFoundError"));
  });
  await expectHelp(page, "no_device");
});
