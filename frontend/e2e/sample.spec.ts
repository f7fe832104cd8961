/** A voice sample, read aloud sentence by sentence: each is judged at once, and none is lost. */

import { expectAccessible, inBothSchemes } from "./accessible";
import { somebody } from "./api";
import * as booth from "./booth";
import { DESKTOP, expect, keepPicture, PHONE, test } from "./scene";
import { button, field, finishVoice, heading, signUp, words } from "./sender";

test("a sample survives a reload, one sentence is read again, and a voice is made of it", async ({
  newcomer,
}) => {
  test.setTimeout(180_000);
  const t = words.ja;
  const page = await newcomer({ locale: "ja-JP", viewport: PHONE });
  await signUp(page, t, somebody("山田 花子"));
  await page.goto("/voices/new");
  await keepPicture(page, "sample-entrance-390");
  await button(page, t.newVoice.start).click();
  await booth.isIn(booth.stage(page, t, 1), "ready");
  for (const number of [1, 2, 3]) {
    await booth.read(page, t, number, number === 3 ? 3 : 2);
    if (number === 3) await inBothSchemes(page, "sample", "heard");
    await booth.goOn(page, t);
  }

  await page.goto("/voices");
  await expect(page.getByRole("region", { name: t.sample.unfinishedTitle })).toBeVisible();
  await expectAccessible(page, "the offer to go on");
  await page.getByRole("link", { name: t.sample.goOn }).click();
  await expect(page.getByText(/8文のうち3文/)).toBeVisible();
  await keepPicture(page, "sample-half-390");
  await button(page, t.sample.goOn).click();
  for (const number of [4, 5, 6, 7, 8]) {
    await booth.read(page, t, number);
    await booth.goOn(page, t);
  }

  await expect(field(page, t.sample.whole)).toBeVisible();
  if (!(await button(page, t.sample.rowAgain("2")).isVisible())) {
    await page.getByText(t.sample.list("8", "8")).click();
  }
  await inBothSchemes(page, "sample", "whole");
  await button(page, t.sample.rowAgain("2")).click();
  await booth.read(page, t, 2);
  await expect(button(page, t.sample.undo)).toBeVisible();
  await booth.goOn(page, t);
  await finishVoice(page, t, "花子");
  const { good = "", usable = "" } = t.report.verdicts;
  await expect(page.getByText(new RegExp(`${good}|${usable}`))).toBeVisible();
  await page.goto("/voices");
  await expect(page.getByRole("link", { name: /花子/ })).toBeVisible();
  await expect(page.getByText(t.sample.unfinishedTitle)).toHaveCount(0);
});

test("the keyboard alone reads, reads again and goes on", async ({ signedIn: page }) => {
  const t = words.en;
  await page.setViewportSize(DESKTOP);
  await page.goto("/voices/new");
  await button(page, t.newVoice.start).press("Enter");
  const first = booth.stage(page, t, 1);
  await booth.isIn(first, "ready");
  await inBothSchemes(page, "sample", "ready");
  await page.keyboard.press("r");
  await booth.isIn(first, "recording");
  await booth.speak(page);
  await keepPicture(page, "sample-recording-1280");
  await page.keyboard.press(" ");
  await booth.isIn(first, "heard");
  await expect(page.getByRole("status").filter({ hasText: t.sample.good.text })).toBeVisible();
  await page.keyboard.press("r");
  await booth.speak(page);
  await page.keyboard.press("r");
  await booth.isIn(first, "heard");
  await page.keyboard.press("Enter");
  await booth.isIn(booth.stage(page, t, 2), "ready");
});

test("sentences are offered to nobody else, and signing out asks before it takes them along", async ({
  newcomer,
}) => {
  const t = words.en;
  const page = await newcomer({ locale: "en-US" });
  const owner = somebody("Anna");
  await signUp(page, t, owner);
  await page.goto("/voices/new");
  await button(page, t.newVoice.start).click();
  await booth.read(page, t, 1);
  // The session has ended without a sign-out, and somebody else comes to the same browser.
  await page.context().clearCookies();
  await signUp(page, t, somebody("Ben"));
  await page.goto("/voices/new");
  await expect(button(page, t.newVoice.start)).toBeVisible();
  await page.context().clearCookies();
  await page.goto("/signin");
  await field(page, t.sign.email).fill(owner.email);
  await field(page, t.sign.password).fill(owner.password);
  await button(page, t.sign.in).click();
  await expect(heading(page, t.messages.title)).toBeVisible();
  await page.goto("/voices/new");
  await expect(button(page, t.sample.goOn)).toBeVisible();
  await page.goto("/account");
  await button(page, t.account.signOut).click();
  await expect(page.getByRole("dialog").getByText(t.account.unsentText)).toBeVisible();
});

test("a microphone that goes away in the middle keeps what was said", async ({
  signedIn: page,
}) => {
  const t = words.en;
  // The page shows its microphone nowhere: the stream is caught where the browser gives it.
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wishes) => {
      const stream = await open(wishes);
      Object.assign(window, { stream });
      return stream;
    };
  });
  await page.goto("/voices/new");
  await button(page, t.newVoice.start).click();
  const first = booth.stage(page, t, 1);
  await booth.isIn(first, "ready");
  await button(page, t.sample.record).click();
  await booth.speak(page);
  await page.evaluate(() => {
    const [track] = (window as unknown as { stream: MediaStream }).stream.getTracks();
    track?.stop();
    // A track that is stopped by the page itself says nothing; a pulled plug does.
    track?.dispatchEvent(new Event("ended"));
  });
  await booth.isIn(first, "heard");
  await expect(page.getByText(t.sample.mishaps.lost?.fix ?? "")).toBeVisible();
  await expectAccessible(page, "a microphone that was lost");
  await button(page, t.sample.again).click();
  await booth.isIn(first, "ready");
});
