/** What a sender does in the app, step by step, in either language. */

import { expect, type Locator, type Page } from "@playwright/test";
import { type Catalogue, en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import type { Account } from "./api";
import { photo, recording } from "./belongings";

export type Language = "en" | "ja";
export const words: Record<Language, Catalogue> = { en, ja };

/** A button by its whole name: "Delete" is not "Delete message". */
export const button = (page: Page, name: string): Locator =>
  page.getByRole("button", { name, exact: true });

export const field = (page: Page, name: string): Locator => page.getByLabel(name, { exact: true });

export const heading = (page: Page, name: string): Locator =>
  page.getByRole("heading", { name, exact: true });

// --- accounts --------------------------------------------------------------------------------

export async function signUp(page: Page, t: Catalogue, account: Account): Promise<void> {
  await page.goto("/signup");
  await field(page, t.sign.name).fill(account.name);
  await field(page, t.sign.email).fill(account.email);
  await field(page, t.sign.password).fill(account.password);
  await button(page, t.sign.up).click();
  await expect(heading(page, t.messages.title)).toBeVisible();
}

// --- voices ----------------------------------------------------------------------------------

export async function chooseRecording(page: Page, t: Catalogue, path = recording): Promise<void> {
  await page.getByRole("radio", { name: t.newVoice.file }).check({ force: true });
  await chooseFile(page, button(page, t.newVoice.choose), path);
}

/** Name the voice, agree, and wait until it can speak. */
export async function finishVoice(page: Page, t: Catalogue, name: string): Promise<void> {
  await field(page, t.newVoice.name).fill(name);
  await page.getByRole("checkbox", { name: t.newVoice.consentTick }).check();
  await button(page, t.newVoice.make).click();
  await expect(heading(page, t.newVoice.doneTitle(name))).toBeVisible({ timeout: 30_000 });
}

// --- messages --------------------------------------------------------------------------------

export async function chooseFile(page: Page, opener: Locator, path: string): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await opener.click();
  await (await chooser).setFiles(path);
}

export async function choosePhoto(page: Page, t: Catalogue, path = photo): Promise<void> {
  await chooseFile(page, button(page, t.compose.photoChoose), path);
}

/** Its label also says that it may be left out. */
export const titleField = (page: Page, t: Catalogue): Locator =>
  page.getByRole("textbox", { name: new RegExp(`^${t.compose.headline}`) });

export const photoShown = (page: Page, t: Catalogue): Locator =>
  page.getByRole("img", { name: t.compose.photoAlt });

/** Wait until the server has everything that was typed. */
export async function isSaved(page: Page, t: Catalogue): Promise<void> {
  await expect(page.getByRole("status").getByText(t.compose.saved, { exact: true })).toBeVisible();
}

/** See the video being made. */
export async function isInWork(page: Page, t: Catalogue): Promise<void> {
  await expect(heading(page, t.progress.title)).toBeVisible();
  await expect(page.getByRole("progressbar")).toBeVisible();
}

/** Keep every percentage that the page shows from now on: a short video may be ready between two looks. */
async function noteProgress(page: Page): Promise<() => Promise<number[]>> {
  const noted = await page.evaluateHandle(() => {
    const percents: number[] = [];
    const look = () => {
      const bar = document.querySelector("[role=progressbar]");
      if (bar) percents.push(Number(bar.getAttribute("aria-valuenow")));
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      attributeFilter: ["aria-valuenow"],
    });
    return percents;
  });
  return () => noted.evaluate((percents) => percents);
}

/** Start the work by `start` and watch the progress move until the finished video is there. */
export async function watchProgress(
  page: Page,
  t: Catalogue,
  start: () => Promise<void>,
): Promise<void> {
  const percents = await noteProgress(page);
  await start();
  await expect(heading(page, t.ready.shareTitle)).toBeVisible({ timeout: 60_000 });
  const seen = await percents();
  expect(Math.max(...seen)).toBeGreaterThan(0);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
}

/** The link of a finished message, as the page shows it. */
export async function makeLink(page: Page, t: Catalogue): Promise<string> {
  await button(page, t.ready.loopbackCopy).click();
  return field(page, t.ready.linkField).inputValue();
}
