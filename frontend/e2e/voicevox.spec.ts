/** A message in a VOICEVOX character's voice, with the engine's stand-in: terms first, credit always. */

import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { expectAccessible } from "./accessible";
import { somebody } from "./api";
import { expect, keepPictures, test } from "./scene";
import {
  button,
  choosePhoto,
  chooseRecording,
  field,
  finishVoice,
  makeLink,
  photoShown,
  signUp,
  watchProgress,
  words,
} from "./sender";
import { freePort, type RunningStack, startAnother } from "./stack";
import { noteCaptions, startWatching, watchToTheEnd } from "./watching";

const repository = resolve(import.meta.dirname, "../..");
const t = words.ja;
const CREDIT = "VOICEVOX:試験花子";

let engine: ChildProcess;
let stack: RunningStack;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  const python = process.env.PYTHON ?? resolve(repository, ".venv/bin/python");
  const port = await freePort();
  const served = ["-m", "openvoice_service.base_voices.voicevox.tests.double", "--port", port];
  engine = spawn(python, served, { cwd: repository, stdio: "inherit" });
  stack = await startAnother("voicevox", { VOICEVOX_URL: `http://127.0.0.1:${port}` });
});
test.afterAll(async () => {
  await stack?.stop();
  engine?.kill();
});

test("a clone on a character and a character by itself: terms, credit, and a stand-in", async ({
  browser,
}) => {
  test.setTimeout(240_000);
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
  await field(page, t.compose.script).fill("橋の端で、箸を持つ。");
  const characters = page.getByRole("region", { name: t.voicevox.title });
  const icon = characters.locator("img").first();
  await icon.scrollIntoViewIfNeeded();
  await expect(icon).toHaveJSProperty("naturalWidth", 256);
  await characters.getByRole("radio", { name: "試験花子" }).check();
  await page.getByText(t.voicevox.readTerms).click();
  await expect(page.getByText("商用利用には許諾が必要です")).toBeVisible();
  await keepPictures(page, "voicevox-compose");
  await expectAccessible(page, "the composer with a chosen character");
  await page.getByRole("radio", { name: "恵子" }).check();

  await watchProgress(page, t, () => button(page, t.compose.render).click());
  await expect(page.getByText(t.voicevox.creditTitle(CREDIT))).toBeVisible();
  await keepPictures(page, "voicevox-ready");
  await expectAccessible(page, "the finished message with its credit");

  const link = await makeLink(page, t);
  const recipient = await (await browser.newContext(options)).newPage();
  await recipient.goto(link);
  await expect(recipient.getByText(CREDIT)).toBeVisible();
  const captions = await noteCaptions(recipient);
  await startWatching(recipient);
  await watchToTheEnd(recipient);
  expect(await captions()).toContain(CREDIT);

  // The engine dies: the next message is spoken all the same, and says by whom.
  engine.kill();
  await page.goto("/messages/new");
  await choosePhoto(page, t);
  await expect(photoShown(page, t)).toBeVisible();
  await field(page, t.compose.script).fill("雨の日に、飴をなめる。");
  await characters.getByRole("radio", { name: "見本太郎" }).check();
  await watchProgress(page, t, () => button(page, t.compose.render).click());
  await expect(page.getByText(t.voicevox.stoodInTitle)).toBeVisible();
  await expect(page.getByText("VOICEVOX:見本太郎")).toHaveCount(0);
});
