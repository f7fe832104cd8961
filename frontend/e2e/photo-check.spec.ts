/** What is in a photo is said beside it, and the crop that is offered is kept and previewed. */

import { expectAccessible } from "./accessible";
import { portrait, sidewaysPhoto } from "./belongings";
import { bothLooks } from "./looks";
import { expect, keepPicture, test } from "./scene";
import { button, chooseFile, choosePhoto, field, isSaved, photoShown, words } from "./sender";

for (const [language, viewport] of bothLooks()) {
  test(`a photo is checked, cropped and previewed (${language}, ${viewport.width})`, async ({
    signedInAs,
  }) => {
    const t = words[language];
    const page = await signedInAs([language, viewport]);
    await page.goto("/messages/new");
    await choosePhoto(page, t, portrait);
    await expect(photoShown(page, t)).toBeVisible();
    await expect(page.getByText(t.photoCheck.faces(1))).toBeVisible();
    const shown = page.getByRole("group", { name: t.photoCheck.shown });
    const whole = shown.getByRole("radio", { name: t.photoCheck.whole });
    await expect(whole).toBeChecked();
    await whole.focus();
    await page.keyboard.press("ArrowRight");
    await expect(shown.getByRole("radio", { name: t.photoCheck.crop })).toBeChecked();
    await field(page, t.compose.script).fill(language === "ja" ? "元気でね。" : "Take care.");
    await isSaved(page, t);
    await expectAccessible(page, "a checked photo");
    await keepPicture(page, `photo-check-${language}-${viewport.width}`);

    const id = new URL(page.url()).pathname.split("/")[2];
    const draft = async () => (await page.request.get(`/api/v1/messages/${id}`)).json();
    const [wide] = (await draft()).photo_crops;
    await page
      .getByRole("radio", { name: new RegExp(t.compose.aspects["1:1"]?.name ?? "") })
      .check({ force: true });
    await isSaved(page, t);
    await expect.poll(async () => (await draft()).photo_crops[0]?.height).not.toBe(wide.height);

    await button(page, t.preview.open).click();
    const dialog = page.getByRole("dialog", { name: t.preview.title });
    await expect(dialog.getByRole("img", { name: t.preview.picture })).toBeVisible();
    await keepPicture(page, `photo-check-preview-${language}-${viewport.width}`);
    await button(page, t.preview.close).click();

    await chooseFile(page, button(page, t.compose.photoReplace), sidewaysPhoto);
    await expect(page.getByText(t.photoCheck.noFace)).toBeVisible();
    await expect(page.getByText(t.photoCheck.turned)).toBeVisible();
    await expect(page.getByText(/300 × 400/)).toBeVisible();
    await expect(shown).toBeHidden();
  });
}
