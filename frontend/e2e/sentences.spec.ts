/** A sentence is said slowly with a pause after it: set by keyboard, heard, kept, and in the video. */

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

const FIRST = "お誕生日おめでとう。";
const SCRIPT = `${FIRST}またね。`;

for (const [language, viewport] of bothLooks()) {
  test(`a sentence is slowed down by keyboard (${language}, ${viewport.width})`, async ({
    signedInAs,
  }) => {
    const t = words[language];
    const page = await signedInAs([language, viewport]);
    const { controls } = t.sentences;
    const slider = (name: string) => page.getByRole("slider", { name, exact: true });
    const make = async () => {
      await watchProgress(page, t, () => button(page, t.compose.render).click());
      await expect(heading(page, t.ready.shareTitle)).toBeVisible();
      const id = new URL(page.url()).pathname.split("/")[2];
      const answer = await page.request.get(`/api/v1/messages/${id}`);
      return (await answer.json()).duration_s as number;
    };
    const write = async () => {
      await page.goto("/messages/new");
      await choosePhoto(page, t);
      await expect(photoShown(page, t)).toBeVisible();
      await field(page, t.compose.script).fill(SCRIPT);
      if (language !== "ja") await button(page, t.compose.switchTo(t.languages.ja ?? "")).click();
      await page.getByRole("radio", { name: /^Mei/ }).check();
    };

    await write();
    const usualS = await make();

    await write();
    await button(page, t.sentences.title).press("Enter");
    await button(page, t.sentences.editNamed(FIRST)).press("Enter");
    await inBothSchemes(page, "sentences", "usual");
    await expect(slider(controls.intonation)).toHaveCount(0);
    await button(page, t.presets.names.slow).press("Enter");
    await slider(controls.pause_after_s).focus();
    await page.keyboard.press("End");
    await expect(slider(controls.pause_after_s)).toHaveValue("5");
    await page.keyboard.press("PageDown");
    await slider(controls.speed).focus();
    await page.keyboard.press("Home");
    const differs = page.getByText(new RegExp(`^${t.sentences.slower}[、,]`));
    await expect(differs).toBeVisible();
    await button(page, t.compose.voiceHear(FIRST)).click();
    await inBothSchemes(page, "sentences", "set");
    await isSaved(page, t);

    await page.reload();
    await button(page, t.sentences.title).click();
    await button(page, t.sentences.editNamed(FIRST)).click();
    await expect(slider(controls.speed)).toHaveValue("0.5");
    expect(await make()).toBeGreaterThan(usualS + 4);
  });
}
