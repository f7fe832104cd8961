/** What somebody does who reads a voice sample aloud, sentence by sentence. */

import { expect, type Locator, type Page } from "@playwright/test";
import type { Catalogue } from "../src/i18n/en";
import { button } from "./sender";

/** So many seconds of any sentence are not short. */
const WHOLE_S = 3;

/** The stage, while this sentence (from 1) is on it. */
export const stage = (page: Page, t: Catalogue, number: number): Locator =>
  page.getByRole("region", { name: t.sample.sentence(String(number), "8") });

export const isIn = (place: Locator, phase: string): Promise<void> =>
  expect(place).toHaveAttribute("data-phase", phase);

/** Let the fake microphone speak for so many seconds. */
export async function speak(page: Page, length_s = WHOLE_S): Promise<void> {
  const spoken_s = async () => {
    const [clock = ""] = await page.getByRole("timer").allTextContents();
    return Number(clock.split(":").at(-1));
  };
  await expect
    .poll(spoken_s, { intervals: [200], timeout: 30_000 })
    .toBeGreaterThanOrEqual(length_s);
}

/** Read one sentence with the buttons, and stay where it is judged. */
export async function read(page: Page, t: Catalogue, number: number, length_s = 2): Promise<void> {
  const place = stage(page, t, number);
  await isIn(place, "ready");
  await button(page, t.sample.record).click();
  await speak(page, length_s);
  await button(page, t.sample.stop).click();
  await isIn(place, "heard");
}

/** Go on, whatever the verdict was: the fake microphone knows nothing of the script. */
export async function goOn(page: Page, t: Catalogue): Promise<void> {
  await page
    .getByRole("button", {
      name: new RegExp(`^(${t.sample.next}|${t.sample.keep}|${t.sample.finish})$`),
    })
    .click();
}
