/** What goes wrong is said beside its field, and nothing that was typed is lost. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { draftMessage, somebody } from "./api";
import { folder, photo } from "./belongings";
import { expect, keepPictures, test } from "./scene";
import {
  button,
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

const t = words.en;

/** The words that a control names as its description, where a problem stands. */
async function expectProblem(control: Locator, code: string): Promise<void> {
  const said = t.problems[code as keyof typeof t.problems];
  await expect(control).toHaveAccessibleDescription(new RegExp(escaped(said.what)));
  await expect(control).toHaveAccessibleDescription(new RegExp(escaped(said.fix)));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

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

test("a text that is too long is kept whole", async ({ signedIn: page }) => {
  const long = "This is a sentence. ".repeat(300);
  await openDraft(page);
  await choosePhoto(page, t);
  await expect(photoShown(page, t)).toBeVisible();
  await field(page, t.compose.script).fill(long);
  await button(page, t.compose.render).click();
  await expectProblem(field(page, t.compose.script), "script_too_long");
  await isSaved(page, t);
  await page.reload();
  await expect(field(page, t.compose.script)).toHaveValue(long);
});

test("a drawing that says it is a photo is refused beside the photo", async ({
  signedIn: page,
}) => {
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>';
  await openDraft(page);
  await field(page, t.compose.script).fill("The words stay.");
  await choosePhoto(page, t, fileOf("drawing.jpg", drawing));
  const group = page.getByRole("group", { name: t.compose.photo });
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
