/** What goes wrong is said beside its field, and nothing that was typed is lost. */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import type { Locator, Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { draftMessage, somebody, upload } from "./api";
import { folder, photo } from "./belongings";
import { expect, keepPictures, test } from "./scene";
import {
  button,
  chooseFile,
  choosePhoto,
  chooseRecording,
  field,
  heading,
  isInWork,
  isSaved,
  photoShown,
  titleField,
  words,
} from "./sender";

const python = process.env.PYTHON ?? resolve(import.meta.dirname, "../../.venv/bin/python");
const t = words.en;

/** The words that a control names as its description, where a problem stands. */
async function expectProblem(control: Locator, code: string): Promise<void> {
  const said = t.problems[code as keyof typeof t.problems];
  await expect(control).toHaveAccessibleDescription(new RegExp(escaped(said.what)));
  await expect(control).toHaveAccessibleDescription(new RegExp(escaped(said.fix)));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function fileOf(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A PNG of one colour, `side` pixels wide and high: small on disk, huge when opened. */
function hugePng(side: number): Buffer {
  const chunk = (type: string, body: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(type), body]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(body.length, 0);
    frame.writeUInt32BE(crc32(named), 4);
    return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([1, 0, 0, 0, 0], 8); // one bit a pixel, grey
  const rows = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk("IHDR", head), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}

/** A mono WAV of 16 kHz; `at` tells the sample at a time in seconds, -1..1. */
function wav(durationS: number, at: (timeS: number) => number): Buffer {
  const rate = 16_000;
  const count = Math.round(durationS * rate);
  const file = Buffer.alloc(44 + 2 * count);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + 2 * count, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(2 * count, 40);
  for (let i = 0; i < count; i += 1) {
    const sample = Math.max(-1, Math.min(1, at(i / rate)));
    file.writeInt16LE(Math.round(32_767 * sample), 44 + 2 * i);
  }
  return file;
}

/** Something voiced: harmonics of 150 Hz in syllables. */
const buzz = (timeS: number): number =>
  (0.6 + 0.4 * Math.sin(2 * Math.PI * 3 * timeS)) *
  [1, 2, 3, 4, 5].reduce((sum, n) => sum + (0.15 / n) * Math.sin(2 * Math.PI * 150 * n * timeS), 0);

async function openDraft(page: Page): Promise<void> {
  await page.goto("/messages/new");
  await expect(field(page, t.compose.script)).toBeVisible();
}

test("an empty message names what is missing and goes there", async ({ signedIn: page }) => {
  await openDraft(page);
  await titleField(page, t).fill("Half a message");
  await button(page, t.compose.render).click();
  await expectProblem(field(page, t.compose.script), "script_empty");
  await expect(page.getByText(t.problems.photo_missing.what)).toBeVisible();
  await expect(button(page, t.compose.photoChoose)).toBeFocused();
  await keepPictures(page, "compose-problems-en");
  await expectAccessible(page, "the message with problems");
  await expect(titleField(page, t)).toHaveValue("Half a message");
});

test("emoji alone cannot be spoken, and stay where they are", async ({ signedIn: page }) => {
  await openDraft(page);
  await choosePhoto(page, t);
  await expect(photoShown(page, t)).toBeVisible();
  await field(page, t.compose.script).fill("🎉🎉🎉");
  await button(page, t.compose.render).click();
  await expectProblem(field(page, t.compose.script), "script_unspeakable");
  await expect(field(page, t.compose.script)).toBeFocused();
  await expect(field(page, t.compose.script)).toHaveValue("🎉🎉🎉");
});

for (const repeats of [1_000, 5_000]) {
  test(`a text of ${repeats * 20} characters is kept whole`, async ({ signedIn: page }) => {
    const long = "This is a sentence. ".repeat(repeats);
    await openDraft(page);
    await titleField(page, t).fill("A long one");
    await choosePhoto(page, t);
    await expect(photoShown(page, t)).toBeVisible();
    await field(page, t.compose.script).fill(long);
    await button(page, t.compose.render).click();
    await expectProblem(field(page, t.compose.script), "script_too_long");
    await isSaved(page, t);
    await page.reload();
    await expect(field(page, t.compose.script)).toHaveValue(long);
    await expect(titleField(page, t)).toHaveValue("A long one");
    await expect(photoShown(page, t)).toBeVisible();
  });
}

test("what can be neither written into the picture nor played under it is said beside its field", async ({
  signedIn: page,
}) => {
  const script = "Well done, مرحبا. 縦︵書︶";
  await openDraft(page);
  await choosePhoto(page, t);
  await expect(photoShown(page, t)).toBeVisible();
  await field(page, t.compose.script).fill(script);
  await chooseFile(page, button(page, t.music.choose), threeHours());
  await expect(page.getByText(t.music.tooLong.what)).toBeVisible();
  await button(page, t.look.more).click();
  await page.getByRole("radio", { name: t.look.captionsWord }).check();
  await button(page, t.compose.render).click();
  await expect(page.getByText(t.problems.letters_undrawable.what)).toContainText("مرحبا");
  await expect(page.getByText(t.problems.letters_undrawable.fix)).toBeVisible();
  await expectAccessible(page, "letters without a shape");
  await isSaved(page, t);
  await page.reload();
  await expect(field(page, t.compose.script)).toHaveValue(script);
  await expect(photoShown(page, t)).toBeVisible();
});

test("a thirteenth photo is not asked for", async ({ signedIn: page, sender }) => {
  const one = await upload(sender.request, "photo", photo);
  const id = await draftMessage(sender.request, { title: "", script: "Hello.", language: "en" });
  const change = (count: number) =>
    page.request.patch(`/api/v1/messages/${id}`, {
      data: { photo_upload_id: one, more_photo_upload_ids: Array(count).fill(one) },
    });
  for (const [count, buttons] of [
    [10, 1],
    [11, 0],
  ] as const) {
    expect((await change(count)).ok()).toBe(true);
    await page.goto(`/messages/${id}`);
    await expect(page.getByRole("img", { name: t.look.photoNth(`${count + 1}`) })).toBeVisible();
    await expect(button(page, t.look.photosMore)).toHaveCount(buttons);
  }
});

/** Silence of three hours, as music: little on the disk. */
function threeHours(): string {
  const path = join(folder, "three-hours.flac");
  const silence = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "10800", path];
  const run = "import subprocess, sys; from imageio_ffmpeg import get_ffmpeg_exe as ffmpeg\n";
  const call = "subprocess.run([ffmpeg(), '-v', 'error', '-y', *sys.argv[1:]], check=True)";
  execFileSync(python, ["-c", run + call, ...silence]);
  return path;
}

const badPhotos = [
  { name: "huge.png", content: () => hugePng(12_000), code: "photo_too_large" },
  {
    name: "cut.jpg",
    content: () => readFileSync(photo).subarray(0, 2_000),
    code: "media_truncated",
  },
] as const;

for (const { name, content, code } of badPhotos) {
  test(`${name} is refused beside the photo`, async ({ signedIn: page }) => {
    await openDraft(page);
    await field(page, t.compose.script).fill("The words stay.");
    await choosePhoto(page, t, fileOf(name, content()));
    const group = page.getByRole("group", { name: t.compose.photo, exact: true });
    await expect(group.getByText(t.problems[code].what)).toBeVisible();
    await expect(group.getByText(t.problems[code].fix)).toBeVisible();
    await expect(field(page, t.compose.script)).toHaveValue("The words stay.");
  });
}

const badSamples = [
  { name: "silent.wav", content: () => wav(8, () => 0), code: "sample_silent" },
  { name: "short.wav", content: () => wav(1, buzz), code: "sample_too_short" },
  { name: "clipped.wav", content: () => wav(8, (s) => 40 * buzz(s)), code: "sample_clipped" },
  {
    name: "a-video.mp4",
    content: () => readFileSync(new URL("../../docs/images/demo.mp4", import.meta.url)),
    code: "sample_is_video",
  },
] as const;

for (const { name, content, code } of badSamples) {
  test(`${name} is refused beside the sample`, async ({ signedIn: page }) => {
    await page.goto("/voices/new");
    await chooseRecording(page, t, fileOf(name, content()));
    await field(page, t.newVoice.name).fill("Kept name");
    await page.getByRole("checkbox", { name: t.newVoice.consentTick }).check();
    await button(page, t.newVoice.make).click();
    const group = page.getByRole("group", { name: t.newVoice.how });
    await expect(group.getByText(t.problems[code].what)).toBeVisible();
    await expect(group.getByText(t.problems[code].fix)).toBeVisible();
    await expect(field(page, t.newVoice.name)).toHaveValue("Kept name");
    await expect(page.getByRole("checkbox", { name: t.newVoice.consentTick })).toBeChecked();
  });
}

test("a drawing that says it is a photo is refused beside the photo", async ({
  signedIn: page,
}) => {
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>';
  await openDraft(page);
  await field(page, t.compose.script).fill("The words stay.");
  await choosePhoto(page, t, fileOf("drawing.jpg", drawing));
  const group = page.getByRole("group", { name: t.compose.photo, exact: true });
  await expect(group).toHaveAttribute("aria-invalid", "true");
  await expect(group.getByText(t.problems.photo_unsupported.fix)).toBeVisible();
  await expect(field(page, t.compose.script)).toHaveValue("The words stay.");
  await choosePhoto(page, t, photo);
  await expect(photoShown(page, t)).toBeVisible();
  await expect(group).toHaveAttribute("aria-invalid", "false");
});

test("a text file that says it is a recording is refused beside the sample", async ({
  signedIn: page,
}) => {
  await page.goto("/voices/new");
  await chooseRecording(page, t, fileOf("notes.wav", "These are only words. ".repeat(50)));
  await field(page, t.newVoice.name).fill("Kept name");
  await page.getByRole("checkbox", { name: t.newVoice.consentTick }).check();
  await button(page, t.newVoice.make).click();
  const group = page.getByRole("group", { name: t.newVoice.how });
  await expect(group).toHaveAttribute("aria-invalid", "true");
  await expect(group.getByText(t.problems.media_unreadable.what)).toBeVisible();
  await keepPictures(page, "voice-problem-en");
  await expectAccessible(page, "the sample's problem");
  await expect(field(page, t.newVoice.name)).toHaveValue("Kept name");
  await expect(page.getByRole("checkbox", { name: t.newVoice.consentTick })).toBeChecked();
});

test("a wrong password keeps the address", async ({ newcomer, sender }) => {
  const page = await newcomer();
  await page.goto("/signin");
  await field(page, t.sign.email).fill(sender.account.email);
  await field(page, t.sign.password).fill("not the password");
  await button(page, t.sign.in).click();
  await expect(page.getByText(t.problems.wrong_credentials.what)).toBeVisible();
  await expectAccessible(page, "the refused sign-in");
  await expect(field(page, t.sign.email)).toHaveValue(sender.account.email);
});

test("an address that is taken is said beside it", async ({ newcomer, sender }) => {
  const page = await newcomer();
  await page.goto("/signup");
  await field(page, t.sign.name).fill("Somebody Else");
  await field(page, t.sign.email).fill(sender.account.email);
  await field(page, t.sign.password).fill("a long enough password");
  await button(page, t.sign.up).click();
  await expectProblem(field(page, t.sign.email), "email_taken");
  await expect(field(page, t.sign.name)).toHaveValue("Somebody Else");
});

test("somebody else's message is not there", async ({ newcomer, sender }) => {
  const page = await newcomer();
  const answer = await page.request.post("/api/v1/accounts", {
    data: somebody("Nosy"),
    headers: { Origin: new URL(sender.link.url).origin },
  });
  expect(answer.status()).toBe(201);
  await page.goto(`/messages/${sender.messageId}`);
  await expect(heading(page, t.failure.notFoundTitle)).toBeAttached();
  await expectAccessible(page, "nothing here");
});

test("a reload in the middle of a draft loses nothing", async ({ signedIn: page }) => {
  await openDraft(page);
  await titleField(page, t).fill("Half done");
  await field(page, t.compose.script).fill("I was just about to say that");
  await page.reload(); // at once: before the server can have it
  await expect(field(page, t.compose.script)).toHaveValue("I was just about to say that");
  await isSaved(page, t);
  await page.reload();
  await expect(titleField(page, t)).toHaveValue("Half done");
  await expect(field(page, t.compose.script)).toHaveValue("I was just about to say that");
});

test("a reload while the video is made goes on showing the progress", async ({
  signedIn: page,
  sender,
}) => {
  // Two minutes of video: no machine has it ready before the pictures and the check are done.
  const script = "This one takes a moment. ".repeat(80);
  const draft = { title: "Reloaded", script, language: "en" };
  const id = await draftMessage(sender.request, draft);
  await page.goto(`/messages/${id}`);
  await button(page, t.compose.render).click();
  await isInWork(page, t);
  await page.reload();
  await isInWork(page, t);
  await keepPictures(page, "progress-en");
  await expectAccessible(page, "the progress");
  await button(page, t.progress.cancel).click();
  await expect(page.getByText(t.compose.cancelledTitle)).toBeVisible();
  await expect(button(page, t.compose.renderAgain)).toBeVisible();
  await expectAccessible(page, "the stopped message");
});

test("an answer that comes late does not bring the editor back", async ({ signedIn: page }) => {
  let queued: () => void = () => undefined;
  const isQueued = new Promise<void>((done) => {
    queued = done;
  });
  // What is asked of the new draft is answered at once, and arrives when its video is being made.
  await page.route(/\/api\/v1\/messages\/msg_\w+$/, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const answer = await route.fetch();
    const { state } = await answer.json();
    if (state === "draft") await isQueued;
    // The page may not wait for it any more.
    return route.fulfill({ response: answer }).catch(() => undefined);
  });
  page.on("response", (answer) => {
    if (answer.url().endsWith("/render")) queued();
  });
  await page.goto("/messages/new");
  await choosePhoto(page, t);
  await expect(photoShown(page, t)).toBeVisible();
  await field(page, t.compose.script).fill("Typed fast, sent at once.");
  await button(page, t.compose.render).click();
  await expect(heading(page, t.ready.shareTitle)).toBeVisible({ timeout: 60_000 });
});
