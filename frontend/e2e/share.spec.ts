/** The recipient's page, as a stranger's browser sees it. */

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { shareTexts } from "../src/share/texts";
import { expectAccessible, inBothSchemes } from "./accessible";
import { revoke, share } from "./api";
import { bothLooks, each, languages } from "./looks";
import { DESKTOP, expect, keepPicture, PHONE, test } from "./scene";
import { bigPlay, noteCaptions, playedS, player, startWatching, watchToTheEnd } from "./watching";

const MAX_PAGE_BYTES = 40_000;

// The main path watches on a desktop.
for (const viewport of each([PHONE, DESKTOP], PHONE)) {
  const name = viewport === PHONE ? "phone" : "desktop";
  test(`on a ${name} the video plays to its end with all its captions`, async ({
    newcomer,
    sender,
  }) => {
    const page = await newcomer({ viewport });
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto(sender.link.url);
    await expect(page.getByRole("heading", { name: "Happy birthday, Tom" })).toBeVisible();
    await expect(page.getByText("A video message from Anna Berg")).toBeVisible();
    await expect(page.getByText("The voice in this video is synthetic")).toBeVisible();
    await keepPicture(page, `share-ready-${name}`);
    const captions = await noteCaptions(page);
    await startWatching(page);
    await keepPicture(page, `share-playing-${name}`);
    await watchToTheEnd(page);
    await keepPicture(page, `share-ended-${name}`);
    expect((await captions()).replace(/\s+/g, " ")).toBe(sender.script);
    await expect(page.getByRole("button", { name: "Watch again" })).toBeVisible();
    expect(complaints).toEqual([]);
  });
}

test("the page stays small until the first play, all that plays it included", async ({
  newcomer,
  sender,
}) => {
  const page = await newcomer();
  const sizes: Promise<number>[] = [];
  page.on("response", (response) => {
    const kind = response.request().resourceType();
    if (["document", "script", "stylesheet"].includes(kind)) {
      sizes.push(response.body().then((body) => gzipSync(body).length));
    }
  });
  await page.goto(sender.link.url);
  await startWatching(page);
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(sizes.length).toBeGreaterThanOrEqual(3);
  expect(total).toBeLessThan(MAX_PAGE_BYTES);
});

test("it speaks the browser's language, and the other one on request", async ({
  newcomer,
  sender,
}) => {
  const page = await newcomer({ locale: "ja-JP", viewport: PHONE });
  await page.goto(sender.link.url);
  await expect(page.getByText("Anna Berg さんからのビデオメッセージ")).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "ja");
  await page.getByRole("link", { name: "English" }).click();
  await expect(page.getByText("A video message from Anna Berg")).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});

for (const language of languages("ja")) {
  test(`axe finds nothing in ${language}`, async ({ newcomer, sender }) => {
    const page = await newcomer({ locale: language, viewport: PHONE });
    await page.goto(sender.link.url);
    await expect(bigPlay(page)).toBeVisible();
    await inBothSchemes(page, "share", `fresh-${language}`);
    await startWatching(page);
    await page.keyboard.press("k");
    await expect(player(page)).toHaveAttribute("data-state", "paused");
    await inBothSchemes(page, "share", `paused-${language}`);
    await page.goto("/s/no-such-link");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await inBothSchemes(page, "share", `gone-${language}`);
  });
}

for (const [language, viewport] of bothLooks()) {
  test(`the words are saved where the sender allows it (${language}, ${viewport.width})`, async ({
    newcomer,
    sender,
  }) => {
    const link = await share(sender.request, sender.messageId, { allow_download: true });
    const page = await newcomer({ locale: language, viewport });
    await page.goto(link.url);
    const { words, transcript } = shareTexts[language];
    const files = page.getByRole("group", { name: words });
    await expect(files.getByRole("link")).toHaveCount(3);
    await expectAccessible(page, "the words");
    await keepPicture(page, `share-words-${language}-${viewport.width}`);
    const saving = page.waitForEvent("download");
    await files.getByRole("link", { name: transcript }).press("Enter");
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe("Happy birthday, Tom.txt");
    expect(
      readFileSync(await saved.path(), "utf8")
        .replace(/\s+/g, " ")
        .trim(),
    ).toBe(sender.script);
  });
}

test("the keyboard alone plays, seeks, mutes, and switches the captions", async ({
  newcomer,
  sender,
}) => {
  const page = await newcomer();
  await page.goto(sender.link.url);
  await expect(bigPlay(page)).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(bigPlay(page)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect.poll(() => playedS(page)).toBeGreaterThan(0.3);
  await page.keyboard.press("k");
  await expect(player(page)).toHaveAttribute("data-state", "paused");
  await page.keyboard.press("Home");
  expect(await playedS(page)).toBe(0);
  await page.keyboard.press("5");
  expect(await playedS(page)).toBeGreaterThan(0.5);
  await page.keyboard.press("m");
  await expect(page.getByRole("button", { name: "Unmute" })).toBeVisible();
  const captions = page.getByRole("button", { name: "Captions" });
  await expect(captions).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("c");
  await expect(captions).toHaveAttribute("aria-pressed", "false");
  await expect(page.locator(".vm-captions")).toBeHidden();
  await page.keyboard.press(">");
  await expect(page.getByRole("combobox", { name: "Speed" })).toHaveValue("1.25");
  await page.keyboard.press("f");
  await expect(page.getByRole("button", { name: "Leave full screen" })).toBeVisible();
  await page.keyboard.press("f");
  await expect(page.getByRole("button", { name: "Full screen", exact: true })).toBeVisible();
});

test("a revoked link shows the words for it, and its media are gone too", async ({
  newcomer,
  sender,
}) => {
  const link = await share(sender.request, sender.messageId);
  await revoke(sender.request, link.id);
  const page = await newcomer();
  const answer = await page.goto(link.url);
  expect(answer?.status()).toBe(404);
  await expect(page.getByText("ask the sender for a new link")).toBeVisible();
  expect((await page.request.get(`${link.url}/video.mp4`)).status()).toBe(404);
});

test("a link revoked while the page is open says so when its video is asked for", async ({
  newcomer,
  sender,
}) => {
  const page = await newcomer({ viewport: PHONE });
  await page.route("**/video.mp4", (route) => route.fulfill({ status: 404 }));
  await page.goto(sender.link.url);
  await expect(page.getByRole("heading", { name: "This message is not here" })).toBeFocused();
  await expectAccessible(page, "the page whose video is gone");
});

test("a lost connection is said, and tried again", async ({ newcomer, sender }) => {
  const page = await newcomer({ viewport: PHONE });
  await page.route("**/video.mp4", (route) => route.abort("internetdisconnected"));
  await page.goto(sender.link.url);
  await expect(page.getByRole("alert")).toContainText("The connection was lost");
  await expectAccessible(page, "the player without a connection");
  await keepPicture(page, "share-offline-390");
  await page.unroute("**/video.mp4");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(bigPlay(page)).toBeVisible();
  await startWatching(page);
});
