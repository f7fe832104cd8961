/** A message in a VOICEVOX character's voice, with the engine's stand-in: terms first, credit always. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { somebody } from "./api";
import { folder, portrait } from "./belongings";
import { DESKTOP, expect, keepPictures, keepVideo, PHONE, test } from "./scene";
import {
  button,
  chooseFile,
  choosePhoto,
  chooseRecording,
  field,
  finishVoice,
  isSaved,
  makeLink,
  photoShown,
  signUp,
  watchProgress,
  words,
} from "./sender";
import { freePort, type RunningStack, startAnother } from "./stack";
import { noteCaptions, startWatching, watchToTheEnd } from "./watching";

// In a row: the engine dies in the last.
test.describe.configure({ mode: "serial" });

const repository = resolve(import.meta.dirname, "../..");
const python = process.env.PYTHON ?? resolve(repository, ".venv/bin/python");
const t = words.ja;
const CREDIT = "VOICEVOX:試験花子";
const OTHER = "VOICEVOX:見本太郎";
const BOTH = `${CREDIT} / ${OTHER}`;

let engine: ChildProcess;
let stack: RunningStack;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  const port = await freePort();
  const served = ["-m", "openvoice_service.base_voices.voicevox.tests.double", "--port", port];
  engine = spawn(python, served, { cwd: repository, stdio: "inherit" });
  stack = await startAnother("voicevox", { VOICEVOX_URL: `http://127.0.0.1:${port}` });
});
test.afterAll(async () => {
  await stack?.stop();
  engine?.kill();
});

test("a message with everything: a clone on a character, an accent, photos, music, an occasion", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const options = { baseURL: stack.url, locale: "ja-JP", permissions: ["clipboard-write"] };
  const page = await (await browser.newContext(options)).newPage();
  await signUp(page, t, somebody("山田 恵子"));

  // One's own voice, which a character reads for.
  await page.goto("/voices/new");
  await chooseRecording(page, t);
  await finishVoice(page, t, "恵子");
  await page.goto("/voices");
  await page.getByRole("link", { name: "恵子" }).click();
  await field(page, t.voicevox.reader).selectOption("試験花子（ノーマル）");
  await expect(page.getByText(t.voicevox.creditTitle(CREDIT))).toBeVisible();
  await keepPictures(page, "voicevox-reader");

  await page.goto("/messages/new");
  await choosePhoto(page, t);
  await expect(photoShown(page, t)).toBeVisible();
  await chooseFile(page, button(page, t.look.photosMore), portrait);
  await expect(page.getByRole("img", { name: t.look.photoNth("2") })).toBeVisible();
  await field(page, t.compose.script).fill("東海林さん、おめでとう。橋の端で、箸を持つ。");
  await page.getByRole("radio", { name: "恵子" }).check();
  const cards = page.getByRole("region", { name: t.voicevox.title }).locator("li > div");
  const colours = await cards.evaluateAll((all) => all.map((c) => getComputedStyle(c).background));
  expect(new Set(colours).size, "no character looks chosen").toBe(1);

  // The name is read as its bearer says it, and the chopsticks are no bridge.
  await button(page, t.readings.title).click();
  await button(page, t.readings.editNamed("東海林さん、おめでとう。")).click();
  await field(page, t.readings.kana).fill("ショ'ージサン、オメデトー'");
  await button(page, t.readings.editNamed("橋の端で、箸を持つ。")).click();
  const kana = field(page, t.readings.kana).last();
  await kana.fill("ハシ'ノ/ハシデ'、ハ'シヲ/モ'ツ");
  const phrase = page.getByRole("group", { name: t.readings.phrase("ハシヲ") });
  await phrase.getByRole("radio", { checked: true }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(kana).toHaveValue("ハシ'ノ/ハシデ'、ハシ'ヲ/モ'ツ");

  // The second sentence is another's.
  await button(page, t.sentences.title).press("Enter");
  await button(page, t.sentences.editNamed("橋の端で、箸を持つ。")).press("Enter");
  await field(page, t.sentences.voice).selectOption("見本太郎（ノーマル）");
  await expect(page.getByText(t.voicevox.creditTitle(OTHER))).toBeVisible();

  await page
    .getByRole("group", { name: t.look.theme })
    .getByRole("radio")
    .nth(1)
    .check({ force: true });
  await button(page, t.look.more).click();
  await page.getByRole("radio", { name: t.look.captionsWord }).check();
  await isSaved(page, t);
  await hearOwnVoiceFollow(page);
  await keepPictures(page, "everything-compose");
  await watchProgress(page, t, () => button(page, t.compose.render).click());
  await expect(page.getByText(t.voicevox.creditTitle(BOTH))).toBeVisible();
  await keepPictures(page, "everything-ready");
  await expectAccessible(page, "the finished message with its credit");

  const id = new URL(page.url()).pathname.split("/")[2] ?? "";
  const made = await (await page.request.get(`/api/v1/messages/${id}`)).json();
  expect(made.readings).toHaveLength(2);
  expect(made.more_photo_upload_ids).toHaveLength(1);
  expect(made.music_track).not.toBeNull();
  expect(made.burned_captions).toBe("word");
  expect(made.credit).toBe(BOTH);
  const video = await (await page.request.get(`/api/v1/messages/${id}/video`)).body();
  keepVideo(video, "everything");
  expect(video.includes(BOTH), "the file itself says whose voice it is").toBe(true);
  expectPromisesKept(id, made.attempt);
  expectSaidAndSeen(id, made.attempt);

  const link = await makeLink(page, t);
  const recipient = await (await browser.newContext(options)).newPage();
  await recipient.goto(link);
  await expect(recipient.getByText(BOTH)).toBeVisible();
  const captions = await noteCaptions(recipient);
  await startWatching(recipient);
  await watchToTheEnd(recipient);
  expect(await captions()).toContain(OTHER);
});

/** In the preview a quick voice is heard at once, and one's own without being asked for. */
async function hearOwnVoiceFollow(page: Page): Promise<void> {
  const own = page.waitForResponse((answer) => answer.url().endsWith("/preview?draft=false"));
  await button(page, t.preview.open).click();
  const dialog = page.getByRole("dialog", { name: t.preview.title });
  await expect(dialog.getByRole("img", { name: t.preview.picture })).toBeVisible();
  expect((await own).ok()).toBe(true);
  await expect(dialog.getByText(t.preview.draft)).toHaveCount(0);
  await button(page, t.preview.close).click();
}

/** What is said by which kana, and that both photos are seen, as the speech and the plan have it. */
function expectSaidAndSeen(id: string, attempt: number): void {
  const read = (name: string) =>
    JSON.parse(readFileSync(join(madeFolder(id, attempt), name), "utf8"));
  const said = read("spoken.json").sentences.map(({ moras }: { moras: { text: string }[] }) =>
    moras.map(({ text }) => text).join(""),
  );
  expect(said[0]).toContain("ショオジサン");
  const seen = read("timeline.json").segments.map(({ picture }: { picture: number }) => picture);
  expect(new Set(seen)).toEqual(new Set([0, 1]));
}

const madeFolder = (id: string, attempt: number): string =>
  join(folder, "voicevox", "storage", "messages", id, String(attempt));

/** Measure the finished file: loudness, captions against speech and moras, and how it moves. */
function expectPromisesKept(id: string, attempt: number): void {
  const made = madeFolder(id, attempt);
  const plan = ["--timeline", join(made, "timeline.json"), "--spoken", join(made, "spoken.json")];
  const check = ["-m", "backend.media.check", join(made, "video.mp4"), ...plan];
  const { status, stdout, stderr } = spawnSync(python, check, {
    cwd: repository,
    encoding: "utf8",
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  expect(stdout).toContain("captions to moras");
}

test("a character by itself: its terms, and a stand-in when the engine has died", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const options = { baseURL: stack.url, locale: "ja-JP" };
  const page = await (await browser.newContext(options)).newPage();
  await signUp(page, t, somebody("山田 恵子"));
  await page.goto("/messages/new");
  await choosePhoto(page, t);
  await expect(photoShown(page, t)).toBeVisible();
  await field(page, t.compose.script).fill("雨の日に、飴をなめる。");
  const characters = page.getByRole("region", { name: t.voicevox.title });
  const icon = characters.locator("img").first();
  await icon.scrollIntoViewIfNeeded();
  await expect(icon).toHaveJSProperty("naturalWidth", 256);
  await characters.getByRole("radio", { name: "試験花子" }).check();
  await page.getByText(t.voicevox.readTerms).click();
  await expect(page.getByText("商用利用には許諾が必要です")).toBeVisible();
  const face = page.locator("details", { hasText: t.voicevox.readTerms }).locator("img");
  await expect(face).not.toHaveJSProperty("naturalWidth", 0);
  await keepPictures(page, "voicevox-compose");
  await expectAccessible(page, "the composer with a chosen character");
  await page.setViewportSize(PHONE);
  await expectAccessible(page, "the composer with a chosen character, on a phone");
  await page.setViewportSize(DESKTOP);

  // The engine dies: the message is spoken all the same, and says by whom.
  engine.kill();
  await characters.getByRole("radio", { name: "見本太郎" }).check();
  await watchProgress(page, t, () => button(page, t.compose.render).click());
  await expect(page.getByText(t.voicevox.stoodInTitle)).toBeVisible();
  await expect(page.getByText("VOICEVOX:見本太郎")).toHaveCount(0);
});
