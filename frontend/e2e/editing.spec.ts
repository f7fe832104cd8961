/** A recording gets music, another voice and captions; captions are corrected by ear. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expectAccessible, inBothSchemes } from "./accessible";
import { draftRecording } from "./api";
import { film, folder, photo, recording } from "./belongings";
import { DESKTOP, expect, PHONE, test } from "./scene";
import { button, chooseFile, field, heading, isSaved, words } from "./sender";
import * as studio from "./studio";

// A busy machine needs its time for a page that is looked at in both schemes.
test.describe.configure({ timeout: 180_000 });

const en = words.en;
const ja = words.ja;

async function messageOf(page: Page) {
  const id = new URL(page.url()).pathname.split("/")[2];
  return (await page.request.get(`/api/v1/messages/${id}`)).json();
}

test("a recording gets music and another voice, and its link waits for both", async ({
  newcomer,
  sender,
}) => {
  const storageState = await sender.request.storageState();
  const page = await newcomer({ locale: "ja-JP", viewport: PHONE, storageState });
  await page.goto("/record");
  await chooseFile(page, button(page, ja.studio.file), film);
  await studio.isReviewing(page, ja);

  const silent = join(folder, "silent.wav");
  writeFileSync(silent, silence(8000));
  await chooseFile(page, button(page, ja.music.choose), silent);
  await expect(page.getByText(ja.music.silent.what)).toBeVisible();
  await chooseFile(page, button(page, ja.music.choose), photo);
  await expect(page.getByText(ja.music.notSound.what)).toBeVisible();
  await chooseFile(page, button(page, ja.music.choose), recording);
  await expect(field(page, ja.music.listen("microphone.wav"))).toBeVisible();
  await expect(page.getByText(ja.recorded.linkLater)).toHaveCount(0);

  await page.getByRole("radio", { name: new RegExp(ja.recorded.soundReplaced) }).check();
  await expect(page.getByText(ja.recorded.soundFitted)).toBeVisible();
  await expect(page.getByText(ja.recorded.linkLater)).toBeVisible();
  await button(page, ja.studio.send).click();
  await expect(page.getByText(ja.problems.script_empty.what)).toBeVisible();
  await expect(field(page, ja.compose.script)).toBeFocused();
  await field(page, ja.compose.script).fill("お元気ですか。また会いましょう。");
  await inBothSchemes(page, "editing", "review");
  await button(page, ja.studio.send).click();
  await expect(page.getByText(ja.recorded.replaced)).toBeVisible({ timeout: 30_000 });
  await expect(heading(page, ja.ready.shareTitle)).toBeVisible({ timeout: 90_000 });
  const made = await messageOf(page);
  expect(made).toMatchObject({ language: "ja", stream_url: null, synthetic: true });
  expect([made.voice, made.music_upload_id]).not.toContain(null);
});

/** A mono WAV of so many samples of nothing, one second of 8 kHz. */
function silence(samples: number): Buffer {
  const header = Buffer.from("524946460000000057415645666d742010000000010001", "hex");
  const wav = Buffer.alloc(44 + 2 * samples);
  header.copy(wav);
  wav.writeUInt32LE(36 + 2 * samples, 4);
  wav.writeUInt32LE(8000, 24);
  wav.writeUInt32LE(16_000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(2 * samples, 40);
  return wav;
}

test("a recording that is not sent keeps its music, and its captions come from a file", async ({
  signedIn: page,
  sender,
}) => {
  await page.setViewportSize(DESKTOP);
  const id = await draftRecording(sender.request, "For Tom", readFileSync(film));
  await page.goto(`/messages/${id}`);
  await chooseFile(page, button(page, en.music.choose), recording);
  await expect(field(page, en.music.listen("microphone.wav"))).toBeVisible();
  await isSaved(page, en);
  const captions = join(folder, "captions.srt");
  writeFileSync(captions, "1\n00:00:00,500 --> 00:00:02,000\nHello Tom\n");
  await chooseFile(page, button(page, en.studio.captionsFile), captions);
  await expect(page.getByText(en.recorded.captionsGiven)).toBeVisible();
  await page.reload();
  await expect(field(page, en.music.listen("microphone.wav"))).toBeVisible();
  await inBothSchemes(page, "editing", "draft");
  await button(page, en.music.remove).click();
  await isSaved(page, en);
  expect((await messageOf(page)).music_upload_id).toBeNull();

  await page.getByRole("link", { name: en.captions.correct }).click();
  await button(page, en.captions.play("1")).click();
  await expect(page.locator("[data-caption-shown]")).toHaveText("Hello Tom");
  // Played by itself, a caption stops where it ends.
  await expect(button(page, en.captions.play("1"))).toBeVisible();
  const stoppedS = await page.locator("video").evaluate((v: HTMLVideoElement) => v.currentTime);
  expect(stoppedS).toBeGreaterThan(1.9);
  expect(stoppedS).toBeLessThan(2.4);
});

test("captions of a finished video are corrected by ear, with the keyboard alone", async ({
  newcomer,
  sender,
}) => {
  const storageState = await sender.request.storageState();
  const page = await newcomer({ locale: "en-US", viewport: DESKTOP, storageState });
  await page.goto(`/messages/${sender.messageId}`);
  await page.getByRole("link", { name: en.captions.correct }).press("Enter");
  await page.getByRole("button", { name: new RegExp(`^${en.captions.open("1")}`) }).press("Enter");
  const text = field(page, `${en.captions.number("1")}: ${en.captions.text}`);
  await expect(text).toBeFocused();
  await text.fill("Happy birthday, dear Tom!");
  const end = field(page, en.captions.end);
  const wasS = Number(await end.getAttribute("aria-valuenow"));
  await end.press("ArrowUp");
  await expect(end).toHaveAttribute("aria-valuenow", String(Math.round(100 * wasS + 10) / 100));
  await page.locator("video").evaluate((video: HTMLVideoElement) => {
    video.currentTime = 0.5;
  });
  await end.press("n");
  await expect(end).toHaveAttribute("aria-valuenow", "0.5");
  await end.press("Control+z");
  await end.press("Control+z");
  await expect(end).toHaveAttribute("aria-valuenow", String(wasS));
  await inBothSchemes(page, "editing", "captions");

  await text.fill("");
  await expect(page.getByText(en.captions.faults.empty ?? "")).toBeVisible();
  await expect(page.getByText(en.captions.unsaved)).toBeVisible();
  await expectAccessible(page, "a caption without words");
  await text.press("Control+z");
  await isSaved(page, en);
  const shared = await page.request.get(`${sender.link.url}/captions.vtt`);
  expect(await shared.text()).toContain("Happy birthday, dear Tom!");

  await page.setViewportSize(PHONE);
  await button(page, en.captions.split).click();
  await expect(page.getByRole("listitem").filter({ hasText: en.captions.done })).toHaveCount(1);
  await isSaved(page, en);
  await inBothSchemes(page, "editing", "captions split");
  await button(page, en.captions.asMade).click();
  await page.getByRole("dialog").getByRole("button", { name: en.captions.asMade }).click();
  await expect(page.getByText(sender.script.split("!")[0] ?? "").first()).toBeVisible();
});

test("captions that another window has changed are not written over unasked", async ({
  signedIn: page,
  sender,
}) => {
  const id = await draftRecording(sender.request, "", readFileSync(film));
  const give = (words: string) =>
    sender.request.put(`/api/v1/messages/${id}/captions`, {
      headers: { "Content-Type": "text/vtt" },
      data: `WEBVTT\n\n00:00.500 --> 00:02.000\n${words}\n`,
    });
  await give("One");
  await page.goto(`/messages/${id}/captions`);
  await page.getByRole("button", { name: new RegExp(`^${en.captions.open("1")}`) }).click();
  await give("Theirs");
  await field(page, `${en.captions.number("1")}: ${en.captions.text}`).fill("Mine");
  await expect(page.getByRole("alert")).toContainText(en.captions.elsewhere.what);
  await expectAccessible(page, "captions that were changed elsewhere");
  expect((await messageOf(page)).captions_vtt).toContain("Theirs");
  await button(page, en.captions.keepMine).click();
  await isSaved(page, en);
  expect((await messageOf(page)).captions_vtt).toContain("Mine");
});
