/** A microphone that is refused or missing is explained, and a file will do instead. */

import { chromium } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { findChromium, QUIET } from "./chromium";
import { expect, keepPictures, test } from "./scene";
import { button, chooseRecording, words } from "./sender";

const t = words.en;

const cases = [
  ["denied", ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny"]],
  [
    "no_device",
    ["--use-fake-device-for-media-stream=device-count=0", "--use-fake-ui-for-media-stream"],
  ],
] as const;

for (const [failure, flags] of cases) {
  test(`recording says what to do: ${failure}`, async ({ origin, sender }) => {
    const executablePath = findChromium() ?? "";
    const browser = await chromium.launch({ executablePath, args: [...QUIET, ...flags] });
    try {
      const storageState = await sender.request.storageState();
      const context = await browser.newContext({ baseURL: origin, storageState, locale: "en-US" });
      const page = await context.newPage();
      await page.goto("/voices/new");
      await button(page, t.newVoice.start).click();
      const said = t.newVoice.errors[failure];
      await expect(page.getByText(said?.what ?? "")).toBeVisible();
      await expect(page.getByText(said?.fix ?? "")).toBeVisible();
      await keepPictures(page, `microphone-${failure}`);
      await expectAccessible(page, "the microphone's problem");
      await chooseRecording(page, t);
      await expect(page.getByText("microphone.wav")).toBeVisible();
    } finally {
      await browser.close();
    }
  });
}
