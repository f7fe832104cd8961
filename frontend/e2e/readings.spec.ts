/** A name is read as its bearer says it: set in the editor, kept, spoken, and in no caption. */

import { inBothSchemes } from "./accessible";
import { bothLooks } from "./looks";
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

const NAME = "東海林さん、おめでとう。";
const SCRIPT = `${NAME}箸を持つ。`;

for (const [language, viewport] of bothLooks()) {
  test(`a reading and an accent are set by keyboard and spoken (${language}, ${viewport.width})`, async ({
    signedInAs,
  }) => {
    const t = words[language];
    const page = await signedInAs([language, viewport]);
    await page.goto("/words");
    await field(page, t.words.surface).fill("東海林");
    await field(page, t.words.kana).fill("トーカイ'リン");
    await button(page, t.words.save).click();
    await expect(button(page, t.words.edit("東海林"))).toBeVisible();
    await inBothSchemes(page, "readings", "words");

    await page.goto("/messages/new");
    await choosePhoto(page, t);
    await expect(photoShown(page, t)).toBeVisible();
    await field(page, t.compose.script).fill(SCRIPT);
    if (language !== "ja") await button(page, t.compose.switchTo(t.languages.ja ?? "")).click();
    await button(page, t.readings.title).press("Enter");
    await expect(page.getByText("トーカイリンサン", { exact: false }).first()).toBeAttached();
    await button(page, t.readings.editNamed("箸を持つ。")).press("Enter");
    const kana = field(page, t.readings.kana);
    await expect(kana).toHaveValue("ハ'シヲ/モ'ツ");

    await kana.fill("ハシo");
    await expect(page.getByText(t.problems.reading_letter_unknown.fix)).toBeVisible();
    await button(page, t.compose.render).click();
    await expect(kana).toHaveValue("ハシo");
    await inBothSchemes(page, "readings", "refused");

    await kana.fill("ハ'シヲ/モ'ツ");
    const phrase = page.getByRole("group", { name: t.readings.phrase("ハシヲ") });
    await phrase.getByRole("radio", { checked: true }).focus();
    await page.keyboard.press("ArrowRight");
    await expect(kana).toHaveValue("ハシ'ヲ/モ'ツ");
    await button(page, t.compose.voiceHear("箸を持つ。")).click();
    await inBothSchemes(page, "readings", "set");
    await isSaved(page, t);

    await page.reload();
    await button(page, t.readings.title).click();
    await button(page, t.readings.editNamed("箸を持つ。")).click();
    await expect(kana).toHaveValue("ハシ'ヲ/モ'ツ");
    await page.getByRole("radio", { name: /^Mei/ }).check();
    await watchProgress(page, t, () => button(page, t.compose.render).click());
    await expect(heading(page, t.ready.shareTitle)).toBeVisible();
    const id = new URL(page.url()).pathname.split("/")[2];
    const captions = await page.request.get(`/api/v1/messages/${id}/captions.vtt`);
    expect(await captions.text()).toContain("箸を持つ");
    expect(await captions.text()).not.toContain("ハシ");
  });
}
