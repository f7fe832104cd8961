/** The test base: who is there already, and clean browsers for those who come by a link. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type APIRequestContext,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  type Page,
} from "@playwright/test";
import { type Account, draftMessage, render, type Share, share, signUp, somebody } from "./api";
import { folder } from "./belongings";

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

/** Somebody with an account and a message that is ready and shared. */
export interface Sender {
  account: Account;
  request: APIRequestContext;
  messageId: string;
  script: string;
  link: Share;
}

interface Worker {
  origin: string;
  sender: Sender;
}

interface Scene {
  /** A page in which the sender is signed in. */
  signedIn: Page;
  /** A page in which the sender is signed in, in a language and at a width. */
  signedInAs: (look: readonly ["en" | "ja", typeof PHONE]) => Promise<Page>;
  /** A browser that has never been here. */
  newcomer: (options?: BrowserContextOptions) => Promise<Page>;
}

const SCRIPT = "Happy birthday! I hope that your day is full of cake.";

export const test = base.extend<Scene, Worker>({
  origin: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the dependencies from it
    async ({}, use) => {
      await use(process.env.E2E_URL ?? "");
    },
    { scope: "worker" },
  ],
  baseURL: async ({ origin }, use) => {
    await use(origin);
  },
  sender: [
    async ({ origin, playwright }, use) => {
      const kept = readKept();
      const request = await playwright.request.newContext({
        baseURL: origin,
        extraHTTPHeaders: { Origin: origin },
        ...(kept ? { storageState: kept.session } : {}),
      });
      const facts = kept?.facts ?? (await prepareSender(request));
      writeKept({ facts, session: await request.storageState() });
      await use({ ...facts, request });
      await request.dispose();
    },
    { scope: "worker" },
  ],
  signedIn: async ({ browser, sender, origin }, use) => {
    const storageState = await sender.request.storageState();
    const context = await browser.newContext({ baseURL: origin, storageState });
    await use(await context.newPage());
    await context.close();
  },
  signedInAs: async ({ newcomer, sender }, use) => {
    await use(async ([language, viewport]) => {
      const locale = language === "ja" ? "ja-JP" : "en-US";
      const storageState = await sender.request.storageState();
      return newcomer({ locale, viewport, storageState });
    });
  },
  newcomer: async ({ browser, origin }, use) => {
    const contexts: BrowserContext[] = [];
    await use((options) => openClean(browser, origin, contexts, options));
    for (const context of contexts) await context.close();
  },
});

type Facts = Omit<Sender, "request">;
type Session = Awaited<ReturnType<APIRequestContext["storageState"]>>;
interface Kept {
  facts: Facts;
  session: Session;
}

/** A failed test gets a new worker, which finds the sender again instead of making another. */
const keptIn = join(folder, `sender-${process.env.TEST_PARALLEL_INDEX}.json`);
const readKept = (): Kept | null =>
  existsSync(keptIn) ? JSON.parse(readFileSync(keptIn, "utf8")) : null;
const writeKept = (kept: Kept): void => writeFileSync(keptIn, JSON.stringify(kept));

async function prepareSender(request: APIRequestContext): Promise<Facts> {
  const account = somebody("Anna Berg");
  await signUp(request, account);
  const words = { title: "Happy birthday, Tom", script: SCRIPT, language: "en" };
  const messageId = await draftMessage(request, words);
  await render(request, messageId);
  return { account, messageId, script: SCRIPT, link: await share(request, messageId) };
}

async function openClean(
  browser: Browser,
  origin: string,
  contexts: BrowserContext[],
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ baseURL: origin, viewport: DESKTOP, ...options });
  contexts.push(context);
  return context.newPage();
}

/** Keep a picture of the page as it stands, if a person is going to look at it: PICTURES=1. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const path = keptAt(`${name}.png`);
  if (path !== null) await page.screenshot({ path, fullPage: true });
}

/** Keep a finished video, if a person is going to look at it: PICTURES=1. */
export function keepVideo(video: Buffer, name: string): void {
  const path = keptAt(`${name}.mp4`);
  if (path !== null) writeFileSync(path, video);
}

function keptAt(name: string): string | null {
  if (process.env.PICTURES !== "1") return null;
  const pictures = join(import.meta.dirname, "../test-results/pictures");
  mkdirSync(pictures, { recursive: true });
  return join(pictures, name);
}

/** Pictures at both widths; the page ends up at the desktop's. */
export async function keepPictures(page: Page, name: string): Promise<void> {
  await page.setViewportSize(PHONE);
  await keepPicture(page, `${name}-390`);
  await page.setViewportSize(DESKTOP);
  await keepPicture(page, `${name}-1280`);
}

export { expect } from "@playwright/test";
