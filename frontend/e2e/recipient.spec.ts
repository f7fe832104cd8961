/** What a recipient can do at a link, and what links with rules of their own show. */

import { readFileSync } from "node:fs";
import type { BrowserContextOptions, Page } from "@playwright/test";
import type { PlayerLocale } from "../src/player/labels";
import { replyTexts } from "../src/share/reply/texts";
import { shareTexts } from "../src/share/texts";
import { expectAccessible } from "./accessible";
import { type Audience, audience, changeLink, revoke, type Share, share } from "./api";
import { languages, looks } from "./looks";
import { DESKTOP, expect, keepPicture, keepPictures, PHONE, type Sender, test } from "./scene";
import { bigPlay, playedS, player, startWatching, watchToTheEnd } from "./watching";

const IN = { en: "en-US", ja: "ja-JP" } as const;
const onPhone = (language: PlayerLocale): BrowserContextOptions => ({
  locale: IN[language],
  viewport: PHONE,
});

const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole("button", { name, exact: typeof name === "string" }).click();
const heard = (sender: Sender): Promise<Audience> => audience(sender.request, sender.messageId);
/** One link's own numbers. */
const numbersOf = async (sender: Sender, link: Share) =>
  (await heard(sender)).shares.find((one) => one.share_id === link.id);

for (const language of languages("ja")) {
  const texts = shareTexts[language];

  test(`watching, reacting and replying in words (${language})`, async ({ newcomer, sender }) => {
    const link = await share(sender.request, sender.messageId, {
      allow_download: true,
      cta: {
        label: language === "ja" ? "予定を決める" : "Book a call",
        url: "https://example.com/",
      },
    });
    const page = await newcomer(onPhone(language));
    await page.goto(link.url);
    await startWatching(page);
    await press(page, new RegExp(`^${texts.reactions.names["❤️"]}`));
    await expect(page.locator(".vm-strip")).toHaveText("❤️");
    await expectAccessible(page, `a page with a reaction, ${language}`);
    await watchToTheEnd(page);
    await keepPictures(page, `recipient-watched-${language}`);

    await page.setViewportSize(PHONE);
    await press(page, texts.reply.write);
    const field = page.getByRole("textbox", { name: replyTexts[language].text });
    await expect(field).toBeFocused();
    await expectAccessible(page, `the letter, ${language}`);
    await keepPictures(page, `recipient-letter-${language}`);
    const words = `<script>alert("${language}")</script> ありがとう 🎂`;
    await field.fill(words);
    await press(page, replyTexts[language].send);
    await expect(page.getByRole("heading", { name: replyTexts[language].sent })).toBeFocused();
    await keepPicture(page, `recipient-sent-${language}`);

    const { replies, reactions } = await heard(sender);
    expect(replies.find((reply) => reply.text === words)).toMatchObject({ kind: "text" });
    expect(reactions.map((one) => one.emoji)).toContain("❤️");
    await expect
      .poll(() => numbersOf(sender, link))
      .toMatchObject({ opened: 1, views: 1, quarters: [1, 1, 1, 1] });
  });

  test(`a password: wrong, then right (${language})`, async ({ newcomer, sender }) => {
    const link = await share(sender.request, sender.messageId, { password: "moonlight" });
    const page = await newcomer(onPhone(language));
    await page.goto(link.url);
    const field = page.getByLabel(texts.password.label, { exact: true });
    await expect(page.getByRole("heading", { name: texts.password.title })).toBeVisible();
    await expect(page.getByText(sender.account.name)).toHaveCount(0);
    expect((await page.request.get(`${link.url}/poster.jpg`)).status()).toBe(403);
    await field.fill("sunlight");
    await field.press("Enter");
    await expect(page.getByRole("alert")).toHaveText(texts.password.wrong);
    await expect(field).toBeFocused();
    await expectAccessible(page, `a wrong password, ${language}`);
    await keepPictures(page, `recipient-password-${language}`);
    await field.fill("moonlight");
    await press(page, texts.password.open);
    await expect(page.getByText(texts.from(sender.account.name))).toBeVisible();
    await startWatching(page);
  });

  test(`links that are over say why (${language})`, async ({ newcomer, sender }) => {
    const expired = await share(sender.request, sender.messageId, {
      expires_at: new Date(Date.now() + 1500).toISOString(),
    });
    const spent = await share(sender.request, sender.messageId, { view_limit: 1 });
    const first = await newcomer();
    await first.goto(spent.url);
    await startWatching(first);
    const page = await newcomer(onPhone(language));
    for (const [link, why] of [
      [spent, "spent"],
      [expired, "expired"],
    ] as const) {
      await expect.poll(async () => (await page.goto(link.url))?.status()).toBe(410);
      const { title, words } = texts.closed[why];
      await expect(page.getByRole("heading", { name: title })).toBeVisible();
      await expect(page.getByText(words)).toBeVisible();
      await expectAccessible(page, `a link that is ${why}, ${language}`);
      await keepPictures(page, `recipient-${why}-${language}`);
      await page.setViewportSize(PHONE);
    }
  });
}

test("a limited link lets in whom it has room for, at the moment of play", async ({
  newcomer,
  sender,
}) => {
  const link = await share(sender.request, sender.messageId, { view_limit: 1 });
  const [early, late] = [await newcomer(), await newcomer({ viewport: PHONE })];
  await early.goto(link.url);
  await late.goto(link.url);
  await expect(bigPlay(late)).toBeVisible();
  expect((await early.request.get(`${link.url}/video.mp4`)).status()).toBe(403);
  await press(late, shareTexts.en.reactions.names["👍"] ?? "");
  await expect(late.getByRole("alert")).toHaveText(shareTexts.en.watchFirst);
  await bigPlay(early).click();
  await expect.poll(() => playedS(early)).toBeGreaterThan(0.2);
  await early.locator("video").evaluate((video: HTMLVideoElement) => video.pause());
  await early.keyboard.press("1");
  await expect(early.locator(".vm-captions p")).toBeVisible();
  await bigPlay(late).click();
  await expect(late.getByRole("heading", { name: shareTexts.en.closed.spent.title })).toBeFocused();
  expect((await late.request.get(`${link.url}/video.mp4`)).status()).toBe(410);
  await early.reload();
  await bigPlay(early).click();
  await expect.poll(() => playedS(early)).toBeGreaterThan(0.2);
});

test("guessing a password ends with words, and the wait", async ({ newcomer, sender }) => {
  const link = await share(sender.request, sender.messageId, { password: "moonlight" });
  const page = await newcomer({ viewport: PHONE });
  await page.goto(link.url);
  const field = page.getByLabel(shareTexts.en.password.label, { exact: true });
  const problem = page.getByRole("alert");
  for (let guess = 0; guess < 11; guess += 1) {
    await field.fill(`guess ${guess}`);
    const answer = page.waitForResponse("**/unlock");
    await field.press("Enter");
    await answer;
  }
  await expect(problem).toContainText("tried too often");
  await expect(field).toBeFocused();
  await keepPicture(page, "recipient-guesses-390");
});

test("reactions are the keyboard's too, stay after a reload, and are taken back", async ({
  newcomer,
  sender,
}) => {
  const link = await share(sender.request, sender.messageId);
  const page = await newcomer();
  await page.goto(link.url);
  await startWatching(page);
  await page.keyboard.press("k");
  const party = page.getByRole("button", { name: shareTexts.en.reactions.names["🎉"] ?? "" });
  await party.focus();
  await page.keyboard.press("Enter");
  await expect(party).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("status").filter({ hasText: "Press again" })).toHaveCount(1);
  await expect
    .poll(async () => (await heard(sender)).reactions.some((one) => one.emoji === "🎉"))
    .toBe(true);
  await page.reload();
  await expect(party).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator(".vm-strip")).toHaveText("🎉");
  await party.focus();
  await page.keyboard.press("Space");
  await expect(party).toHaveAttribute("aria-pressed", "false");
  await expect(page.locator(".vm-strip")).toHaveText("");
  await expect
    .poll(async () => (await heard(sender)).reactions.some((one) => one.emoji === "🎉"))
    .toBe(false);
});

test("what the sender switched off is not there", async ({ newcomer, sender }) => {
  const link = await share(sender.request, sender.messageId, {
    allow_reactions: false,
    allow_replies: false,
  });
  const page = await newcomer();
  await page.goto(link.url);
  await expect(bigPlay(page)).toBeVisible();
  await expect(page.locator(".reactions, .reply, a[download]")).toHaveCount(0);
  expect((await page.request.get(`${link.url}/video.mp4?download=1`)).status()).toBe(403);
});

test("a reply that is switched off meanwhile is refused with words, and not lost", async ({
  newcomer,
  sender,
}) => {
  const link = await share(sender.request, sender.messageId);
  const page = await newcomer({ viewport: PHONE });
  await page.goto(link.url);
  await press(page, shareTexts.en.reply.write);
  const field = page.getByRole("textbox", { name: replyTexts.en.text });
  await field.fill("Thank you!");
  await changeLink(sender.request, link.id, { allow_replies: false });
  await press(page, replyTexts.en.send);
  await expect(page.getByRole("alert").filter({ hasText: replyTexts.en.off })).toBeVisible();
  await expect(field).toHaveValue("Thank you!");
});

test("the download is the video, under a name of its own", async ({ newcomer, sender }) => {
  const link = await share(sender.request, sender.messageId, { allow_download: true });
  const page = await newcomer();
  await page.goto(link.url);
  const begun = page.waitForEvent("download");
  await page.getByRole("link", { name: shareTexts.en.download }).click();
  const file = await begun;
  expect(file.suggestedFilename()).toMatch(/\.mp4$/);
  expect(
    readFileSync(await file.path())
      .subarray(4, 8)
      .toString(),
  ).toBe("ftyp");
});

test("the sender's own visit says so and counts for nothing", async ({ signedIn, sender }) => {
  const link = await share(sender.request, sender.messageId);
  await signedIn.goto(link.url);
  await expect(signedIn.getByText(shareTexts.en.youAreTheSender)).toBeVisible();
  await startWatching(signedIn);
  await watchToTheEnd(signedIn);
  expect(await numbersOf(sender, link)).toMatchObject({ opened: 0, views: 0 });
});

test("a link revoked under the viewer's eyes says so at the next press", async ({
  newcomer,
  sender,
}) => {
  const link = await share(sender.request, sender.messageId);
  const page = await newcomer({ viewport: PHONE });
  await page.goto(link.url);
  await startWatching(page);
  await revoke(sender.request, link.id);
  await press(page, shareTexts.en.reactions.names["👍"] ?? "");
  const { title } = shareTexts.en.closed.gone;
  await expect(page.getByRole("heading", { name: title })).toBeFocused();
});

// --- inside another page -------------------------------------------------------------------------

for (const [name, size] of Object.entries({ narrow: { width: 320, height: 240 }, wide: DESKTOP })) {
  test(`inside another page it plays, and leads to its own (${name})`, async ({
    newcomer,
    sender,
  }) => {
    const link = await share(sender.request, sender.messageId);
    const page = await newcomer({ viewport: size });
    await page.goto(`${link.url}/embed`);
    await expect(bigPlay(page)).toBeVisible();
    await expect(page.locator(".reactions, .reply")).toHaveCount(0);
    await startWatching(page);
    await expectAccessible(page, `the frame, ${name}`);
    await keepPicture(page, `recipient-frame-${name}`);
    const out = page.getByRole("link", { name: shareTexts.en.fullPage });
    await expect(out).toHaveAttribute("href", new URL(link.url).pathname);
    const fits = await page.evaluate(
      () => document.documentElement.scrollHeight <= window.innerHeight,
    );
    expect(fits).toBe(true);
  });
}

test("a protected link does not play inside another page", async ({ newcomer, sender }) => {
  const link = await share(sender.request, sender.messageId, { password: "moonlight" });
  const page = await newcomer();
  await page.goto(`${link.url}/embed`);
  await expect(
    page.getByRole("heading", { name: shareTexts.en.closed.embed_off.title }),
  ).toBeVisible();
  await page.setViewportSize({ width: 320, height: 240 });
  await expectAccessible(page, "a protected link in a frame");
  await keepPicture(page, "recipient-frame-off");
});

// --- replies by voice and video --------------------------------------------------------------------

for (const way of ["voice", "video"] as const) {
  for (const [language, viewport] of looks(way === "voice" ? "en" : "ja")) {
    const name = `${language} at ${viewport.width}`;
    test(`a reply by ${way} takes three taps: ${name}`, async ({ newcomer, sender }) => {
      const options = { locale: IN[language], viewport };
      const [texts, words] = [shareTexts[language], replyTexts[language]];
      const link = await share(sender.request, sender.messageId);
      const page = await newcomer({ ...options, permissions: ["microphone", "camera"] });
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      await page.goto(link.url);
      await press(page, texts.reply[way]);
      await expect(page.getByRole("timer")).toHaveText(/^0:02/);
      await expectAccessible(page, `recording a reply by ${way}, ${language}`);
      await keepPicture(page, `recipient-recording-${way}-${language}-${viewport.width}`);
      await press(page, words.stop);
      await expect(page.getByRole("button", { name: words.send })).toBeFocused();
      await expectAccessible(page, `a recorded reply by ${way}, ${language}`);
      await keepPicture(page, `recipient-recorded-${way}-${language}-${viewport.width}`);
      await press(page, words.send);
      await expect(page.getByRole("heading", { name: words.sent })).toBeFocused();
      const kind = way === "voice" ? "audio" : "video";
      const reply = (await heard(sender)).replies.find((one) => one.kind === kind);
      expect(reply?.duration_s).toBeGreaterThan(1);
      const content = await sender.request.get(reply?.content_url ?? "");
      expect(content.ok()).toBe(true);
      expect(complaints).toEqual([]);
    });
  }
}

test("a microphone that is refused is explained, and words still go", async ({
  newcomer,
  sender,
}) => {
  const page = await newcomer({ viewport: PHONE });
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException("denied", "NotAllowedError");
    };
  });
  await page.goto(sender.link.url);
  await press(page, shareTexts.en.reply.voice);
  await expect(page.getByRole("alert").filter({ hasText: "settings" })).toBeVisible();
  await expect(page.getByRole("button", { name: replyTexts.en.tryAgain })).toBeFocused();
  await expectAccessible(page, "a refused microphone");
  await keepPicture(page, "recipient-denied-390");
  await press(page, replyTexts.en.cancel);
  await expect(page.getByRole("button", { name: shareTexts.en.reply.voice })).toBeFocused();
});

test("nothing that is not needed to play is loaded before", async ({ newcomer, sender }) => {
  const scripts: string[] = [];
  const page = await newcomer();
  page.on("request", (request) => {
    if (request.resourceType() === "script") scripts.push(new URL(request.url()).pathname);
  });
  await page.goto(sender.link.url);
  await startWatching(page);
  await expect(player(page)).toHaveAttribute("data-state", "playing");
  expect(scripts.filter((path) => /letter|studio/.test(path))).toEqual([]);
  await press(page, shareTexts.en.reply.write);
  await expect(page.getByRole("textbox", { name: replyTexts.en.text })).toBeVisible();
  expect(scripts.some((path) => /letter/.test(path))).toBe(true);
  expect(await playedS(page)).toBeGreaterThan(0);
});
