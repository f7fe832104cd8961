/** An occasion with cards and music, several photos, and a preview before anything is made. */

import { inBothSchemes } from "./accessible";
import { photo } from "./belongings";
import { bothLooks } from "./looks";
import { expect, test } from "./scene";
import {
  button,
  chooseFile,
  choosePhoto,
  field,
  heading,
  isSaved,
  photoShown,
  watchProgress,
  words,
} from "./sender";

test.describe.configure({ timeout: 180_000 });

for (const [language, viewport] of bothLooks()) {
  test(`an occasion is chosen, previewed and made (${language}, ${viewport.width})`, async ({
    signedInAs,
  }) => {
    const t = words[language];
    const page = await signedInAs([language, viewport]);
    await page.goto("/messages/new");
    await choosePhoto(page, t);
    await expect(photoShown(page, t)).toBeVisible();
    await chooseFile(page, button(page, t.look.photosMore), photo);
    await expect(page.getByRole("img", { name: t.look.photoNth("2") })).toBeVisible();
    const script = language === "ja" ? "おめでとう。元気でね。" : "Well done. Take care.";
    await field(page, t.compose.script).fill(script);

    const occasion = page.getByRole("group", { name: t.look.theme });
    await occasion.getByRole("radio", { name: t.look.noTheme }).focus();
    await page.keyboard.press("ArrowRight");
    const chosen = occasion.getByRole("radio", { checked: true });
    await expect(chosen).toBeVisible();
    await button(page, t.look.more).press("Enter");
    const titleCard = page.getByRole("textbox", { name: new RegExp(`^${t.look.titleCard}`) });
    await expect(titleCard).not.toHaveValue("");
    await titleCard.fill(language === "ja" ? "みあちゃんへ" : "For Mia");
    await page.getByRole("radio", { name: t.look.captionsWord }).check();
    await isSaved(page, t);
    await inBothSchemes(page, "look", "chosen");

    await button(page, t.preview.open).click();
    const dialog = page.getByRole("dialog", { name: t.preview.title });
    await expect(dialog.getByRole("img", { name: t.preview.picture })).toBeVisible();
    const place = dialog.getByRole("slider", { name: t.preview.position });
    await place.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Home");
    await expect(place).toHaveValue("0");
    await button(page, t.preview.play).click();
    await expect.poll(async () => Number(await place.inputValue())).toBeGreaterThan(0.5);
    await dialog.getByRole("button", { name: t.preview.pause, exact: true }).click();
    await inBothSchemes(page, "look", "preview");
    await button(page, t.preview.close).click();

    await watchProgress(page, t, () => button(page, t.compose.render).click());
    await expect(heading(page, t.ready.shareTitle)).toBeVisible();
    const id = new URL(page.url()).pathname.split("/")[2];
    const made = await (await page.request.get(`/api/v1/messages/${id}`)).json();
    expect(made.more_photo_upload_ids).toHaveLength(1);
    expect(made.music_track).not.toBeNull();
    expect(made.burned_captions).toBe("word");
  });
}
