/** The main path without a mouse: every step by Tab, Enter, Space and typing. */

import type { Locator, Page } from "@playwright/test";
import { somebody } from "./api";
import { photo, recording } from "./belongings";
import { expect, test } from "./scene";
import { button, field, heading, titleField, watchProgress, words } from "./sender";

const t = words.en;
const MOST_TABS = 60;

/** Move the focus with Tab until `target` has it; it must be seen to have it. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < MOST_TABS; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${target}`);
}

async function press(page: Page, target: Locator, key: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

async function type(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

async function chooseByKeyboard(page: Page, opener: Locator, path: string): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await press(page, opener, "Enter");
  await (await chooser).setFiles(path);
}

/** Keep uploads from ending until what is returned is called. */
async function holdUploads(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/api/v1/uploads/*/complete", async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

test("the keyboard alone makes a voice, writes a message and gets its link", async ({
  newcomer,
}) => {
  test.setTimeout(120_000);
  const page = await newcomer();
  const account = somebody("Kay Board");
  await page.goto("/signup");
  await type(page, field(page, t.sign.name), account.name);
  await type(page, field(page, t.sign.email), account.email);
  await type(page, field(page, t.sign.password), account.password);
  await page.keyboard.press("Enter");
  await expect(heading(page, t.messages.title)).toBeVisible();

  await press(page, page.getByRole("link", { name: t.messages.emptyVoice }), "Enter");
  await tabTo(page, page.getByRole("radio", { name: t.newVoice.record }));
  await page.keyboard.press("ArrowRight");
  await chooseByKeyboard(page, button(page, t.newVoice.choose), recording);
  await type(page, field(page, t.newVoice.name), "Kay");
  await press(page, page.getByRole("checkbox", { name: t.newVoice.consentTick }), "Space");
  await press(page, button(page, t.newVoice.make), "Enter");
  await expect(heading(page, t.newVoice.doneTitle("Kay"))).toBeVisible({ timeout: 30_000 });

  await press(page, page.getByRole("link", { name: t.voices.toMessage }), "Enter");
  const letPhotoArrive = await holdUploads(page);
  await chooseByKeyboard(page, button(page, t.compose.photoChoose), photo);
  await tabTo(page, page.getByRole("radio", { name: t.compose.aspects["16:9"]?.name ?? "" }));
  await page.keyboard.press("ArrowRight");
  await type(page, titleField(page, t), "Typed");
  await type(page, field(page, t.compose.script), "Not a single click was made.");
  await watchProgress(page, t, async () => {
    await press(page, button(page, t.compose.render), "Enter");
    await expect(button(page, t.compose.awaitingFiles)).toBeVisible();
    letPhotoArrive();
  });
  await press(page, button(page, t.ready.loopbackCopy), "Enter");
  await expect(field(page, t.ready.linkField)).toHaveValue(/\/s\//);
  await press(page, page.getByRole("button", { name: /^Play “Typed”/ }), "Enter");
  await expect(page.locator(".vm-player")).toHaveAttribute("data-state", "playing");
});
