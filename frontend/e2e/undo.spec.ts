/** Whatever is changed in a draft can be taken back, with the keyboard alone. */

import type { Page } from "@playwright/test";
import { inBothSchemes } from "./accessible";
import { looks } from "./looks";
import { expect, test } from "./scene";
import { button, choosePhoto, field, isSaved, photoShown, words } from "./sender";

test.describe.configure({ timeout: 180_000 });

const FIRST = "お誕生日おめでとう。";

for (const [language, viewport] of [...looks("ja"), ...looks("en")]) {
  test(`steps are taken back and made again (${language}, ${viewport.width})`, async ({
    signedInAs,
  }) => {
    const t = words[language];
    const page = await signedInAs([language, viewport]);
    const named = (what: string) => button(page, t.undo.named(t.undo.undo, what));
    const script = field(page, t.compose.script);
    await page.goto("/messages/new");
    await expect(button(page, t.undo.undo)).toHaveAttribute("aria-disabled", "true");
    await choosePhoto(page, t);
    await expect(photoShown(page, t)).toBeVisible();
    await expect(named(t.undo.photoAdded)).toBeVisible();
    await isSaved(page, t);

    await script.fill(FIRST);
    await isSaved(page, t);
    await script.press("Home");
    await page.keyboard.insertText("ねえ、");
    await expect(script).toHaveValue(`ねえ、${FIRST}`);
    await page.keyboard.press("Control+z");
    await expect(script).toHaveValue(FIRST);
    await expect(script).toBeFocused();
    expect(await caret(page)).toBe(0);
    await page.keyboard.press("Control+y");
    await expect(script).toHaveValue(`ねえ、${FIRST}`);
    expect(await caret(page)).toBe(3);
    await expect(page.getByRole("status").filter({ hasText: /./ })).toContainText([
      t.undo.redone(t.undo.changed(t.draft.fields.script ?? "")),
    ]);
    await inBothSchemes(page, "undo", "typed");

    await page.getByRole("radio", { name: t.compose.aspects["1:1"]?.name ?? "" }).press("Space");
    await isSaved(page, t);
    for (const what of [
      t.undo.changed(t.draft.fields.aspect ?? ""),
      t.undo.changed(t.draft.fields.script ?? ""),
      t.undo.changed(t.draft.fields.script ?? ""),
      t.undo.photoAdded,
    ]) {
      await named(what).press("Enter");
    }
    await expect(script).toHaveValue("");
    await expect(button(page, t.compose.photoChoose)).toBeVisible();
    await expect(button(page, t.undo.undo)).toBeFocused();
    await isSaved(page, t);
    const id = new URL(page.url()).pathname.split("/")[2];
    const held = async () => (await page.request.get(`/api/v1/messages/${id}`)).json();
    expect(await held()).toMatchObject({ script: "", photo_upload_id: null, aspect: "16:9" });
    for (let step = 0; step < 4; step += 1) await page.keyboard.press("Control+Shift+Z");
    await expect(script).toHaveValue(`ねえ、${FIRST}`);
    await expect(photoShown(page, t)).toBeVisible();
    await isSaved(page, t);
    expect(await held()).toMatchObject({ script: `ねえ、${FIRST}`, aspect: "1:1" });

    await page.reload();
    await expect(script).toHaveValue(`ねえ、${FIRST}`);
    await expect(button(page, t.undo.undo)).toHaveAttribute("aria-disabled", "true");
  });
}

const caret = (page: Page): Promise<number> =>
  page.evaluate(() => (document.activeElement as HTMLTextAreaElement).selectionStart);
