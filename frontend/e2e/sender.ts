/** What a sender does in the app, step by step, in either language. */

import { expect, type Locator, type Page } from "@playwright/test";
import { type Catalogue, en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import type { Account } from "./api";
import { photo, recording } from "./belongings";

export const words: Record<"en" | "ja", Catalogue> = { en, ja };

/** A control by its visible name; catalogues hold names, so only whole ones count. */
export const button = (page: Page, name: string): Locator =>
  page.getByRole("button", { name, exact: true });

export async function signUp(page: Page, t: Catalogue, account: Account): Promise<void> {
  await page.goto("/signup");
  await page.getByLabel(t.sign.name, { exact: true }).fill(account.name);
  await page.getByLabel(t.sign.email, { exact: true }).fill(account.email);
  await page.getByLabel(t.sign.password, { exact: true }).fill(account.password);
  await button(page, t.sign.up).click();
  await expect(page.getByRole("heading", { level: 1, name: t.messages.title })).toBeVisible();
}

export async function choosePhoto(page: Page, t: Catalogue, path = photo): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await button(page, t.compose.photoChoose).click();
  await (await chooser).setFiles(path);
}

export const photoShown = (page: Page, t: Catalogue): Locator =>
  page.getByRole("img", { name: t.compose.photoAlt });

export const scriptField = (page: Page, t: Catalogue): Locator =>
  page.getByLabel(t.compose.script, { exact: true });

/** Wait until the server has everything that was typed. */
export async function isSaved(page: Page, t: Catalogue): Promise<void> {
  await expect(page.getByRole("status").filter({ hasText: t.compose.saved })).toBeVisible();
}

/** Wait for the finished video; returns every stage that was shown on the way. */
export async function watchProgress(page: Page, t: Catalogue): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: t.progress.title })).toBeVisible();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expect(page.getByRole("heading", { name: t.ready.shareTitle })).toBeVisible({
    timeout: 60_000,
  });
}

/** The link of a finished message, as the page shows it. */
export async function makeLink(page: Page, t: Catalogue): Promise<string> {
  await button(page, t.ready.loopbackCopy).click();
  return page.getByLabel(t.ready.linkField).inputValue();
}

export { recording };
