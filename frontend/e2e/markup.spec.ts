/** Words are emphasised and a pause is put in: by keyboard, told where it fails, and in the video. */

import { inBothSchemes } from "./accessible";
import { looks } from "./looks";
import { expect, test } from "./scene";
import {
  button,
  choosePhoto,
  field,
  heading,
  isSaved,
  photoShown,
  watchProgress,
  words,
} from "./sender";

test.describe.configure({ timeout: 180_000 });

const SCRIPT = "今日は大切な日です。またね。";
const MARKED = "今日は*大切*な日です。[2.5]またね。";

for (const [language, viewport] of [...looks("ja"), ...looks("en")]) {
  test(`a word is emphasised and a pause put in by keyboard (${language}, ${viewport.width})`, async ({
    signedInAs,
  }) => {
    const t = words[language];
    const page = await signedInAs([language, viewport]);
    await page.goto("/messages/new");
    await choosePhoto(page, t);
    await expect(photoShown(page, t)).toBeVisible();
    const script = field(page, t.compose.script);
    await script.fill(SCRIPT);
    if (language !== "ja") await button(page, t.compose.switchTo(t.languages.ja ?? "")).click();
    await page.getByRole("radio", { name: /^Mei/ }).check();

    await script.focus();
    await page.keyboard.press("Control+Home");
    for (let step = 0; step < 3; step++) await page.keyboard.press("ArrowRight");
    for (let step = 0; step < 2; step++) await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Control+b");
    await expect(script).toHaveValue("今日は*大切*な日です。またね。");
    await page.keyboard.press("Control+Home");
    for (let step = 0; step < 12; step++) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Control+.");
    await page.keyboard.type("9");
    await expect(script).toHaveValue("今日は*大切*な日です。[9]またね。");
    const told = page.getByText(t.problems.break_unreadable.what, { exact: false });
    await expect(told).toBeVisible();
    await expect(script).toHaveAttribute("aria-invalid", "true");
    await inBothSchemes(page, "markup", "refused");

    await script.fill("今日は*大切な日です。");
    await expect(
      page.getByText(t.markup.atPlace("今日は*大切な日です。", 4, t.problems.markup_unclosed.what)),
    ).toBeVisible();
    await script.fill(MARKED);
    await expect(script).toHaveAttribute("aria-invalid", "false");
    await isSaved(page, t);
    const group = page.getByRole("group", { name: t.compose.photo, exact: true });
    await expect(group.getByText("今日は大切な日です。"), "the caption in the photo").toBeVisible();

    await button(page, t.sentences.title).press("Enter");
    const row = page.getByRole("listitem").filter({ hasText: t.sentences.pauseOf("2.5") });
    await expect(row.locator("em")).toHaveText("大切");
    await button(page, t.compose.voiceHear("今日は大切な日です。")).click();
    await inBothSchemes(page, "markup", "marked");

    await watchProgress(page, t, () => button(page, t.compose.render).click());
    await expect(heading(page, t.ready.shareTitle)).toBeVisible();
    const id = new URL(page.url()).pathname.split("/")[2];
    const captions = await page.request.get(`/api/v1/messages/${id}/captions.vtt`);
    const text = await captions.text();
    expect(text).toContain("今日は大切な日です。");
    expect(text).not.toMatch(/[*[\]]/);
    const message = await (await page.request.get(`/api/v1/messages/${id}`)).json();
    expect(message.script).toBe(MARKED);
    expect(message.duration_s).toBeGreaterThan(5);
  });
}
