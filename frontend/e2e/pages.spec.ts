/** Every page of the app in both languages, both schemes and both widths: axe, and a picture. */

import type { Page } from "@playwright/test";
import { inBothSchemes } from "./accessible";
import { draftMessage, makeVoice } from "./api";
import { DESKTOP, expect, PHONE, type Sender, test } from "./scene";
import type { Language } from "./sender";

const looks: readonly [Language, typeof DESKTOP][] = [
  ["en", DESKTOP],
  ["ja", PHONE],
];

let voiceId = "";
let draftId = "";

test.beforeAll(async ({ sender }) => {
  voiceId = await makeVoice(sender.request, "Anna");
  const draft = { title: "A draft", script: "Not finished yet", language: "en" };
  draftId = await draftMessage(sender.request, draft);
});

const beforeSignIn = ["/signin", "/signup"];
const afterSignIn = (sender: Sender): string[] => [
  "/",
  "/record",
  "/messages/new",
  `/messages/${draftId}`,
  `/messages/${sender.messageId}`,
  "/voices",
  "/voices/new",
  `/voices/${voiceId}`,
  "/account",
  "/account/api-keys",
  "/account/webhooks",
  "/words",
  "/system",
  "/no-such-page",
];

/** Open a page and wait until it has settled: nothing loading, no picture missing. */
async function settle(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
  await page.waitForLoadState("networkidle");
}

const nameOf = (path: string, ids: Record<string, string>): string =>
  Object.entries(ids).reduce((name, [id, word]) => name.replace(id, word), path.slice(1)) || "home";

for (const [language, viewport] of looks) {
  test(`no page has a violation: ${language} at ${viewport.width}`, async ({
    newcomer,
    sender,
  }) => {
    test.setTimeout(180_000);
    const options = { locale: language === "ja" ? "ja-JP" : "en-US", viewport };
    const ids = { [voiceId]: "voice", [draftId]: "draft", [sender.messageId]: "ready" };
    const visit = async (page: Page, path: string): Promise<void> => {
      await settle(page, path);
      await expect(page.locator("html")).toHaveAttribute("lang", language);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, `${path} scrolls sideways`).toBeLessThanOrEqual(viewport.width);
      await inBothSchemes(page, "page", `${nameOf(path, ids).replaceAll("/", "-")}-${language}`);
    };
    const stranger = await newcomer(options);
    for (const path of beforeSignIn) await visit(stranger, path);
    const page = await newcomer({ ...options, storageState: await sender.request.storageState() });
    for (const path of afterSignIn(sender)) await visit(page, path);
  });
}
