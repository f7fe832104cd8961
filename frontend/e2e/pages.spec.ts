/** Every page of the app in both languages, both schemes and both widths: axe, and a picture. */

import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { draftMessage, makeVoice } from "./api";
import { DESKTOP, expect, keepPicture, PHONE, type Sender, test } from "./scene";
import type { Language } from "./sender";

const looks = [
  { language: "en", colorScheme: "light", viewport: DESKTOP },
  { language: "ja", colorScheme: "dark", viewport: PHONE },
  { language: "en", colorScheme: "dark", viewport: DESKTOP },
  { language: "ja", colorScheme: "light", viewport: PHONE },
] as const satisfies readonly {
  language: Language;
  colorScheme: "light" | "dark";
  viewport: object;
}[];

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
  "/messages/new",
  `/messages/${draftId}`,
  `/messages/${sender.messageId}`,
  "/voices",
  "/voices/new",
  `/voices/${voiceId}`,
  "/account",
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

for (const { language, colorScheme, viewport } of looks) {
  const look = `${language}-${colorScheme}-${viewport.width}`;
  test(`no page has a violation: ${look}`, async ({ newcomer, sender }) => {
    test.setTimeout(120_000);
    const locale = language === "ja" ? "ja-JP" : "en-US";
    const options = { locale, colorScheme, viewport };
    const ids = { [voiceId]: "voice", [draftId]: "draft", [sender.messageId]: "ready" };
    const visit = async (page: Page, path: string): Promise<void> => {
      await settle(page, path);
      await expect(page.locator("html")).toHaveAttribute("lang", language);
      await expectAccessible(page, `${path} ${look}`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, `${path} scrolls sideways`).toBeLessThanOrEqual(viewport.width);
      await keepPicture(page, `page-${nameOf(path, ids).replaceAll("/", "-")}-${look}`);
    };
    const stranger = await newcomer(options);
    for (const path of beforeSignIn) await visit(stranger, path);
    const page = await newcomer({ ...options, storageState: await sender.request.storageState() });
    for (const path of afterSignIn(sender)) await visit(page, path);
  });
}
