/** A recording gets an occasion, cards and captions in its picture. */

import { readFileSync } from "node:fs";
import { inBothSchemes } from "./accessible";
import { draftRecording } from "./api";
import { film } from "./belongings";
import { bothLooks } from "./looks";
import { expect, test } from "./scene";
import { button, isSaved, words } from "./sender";

test.describe.configure({ timeout: 180_000 });

for (const [language, viewport] of bothLooks()) {
  test(`a recording is given its look (${language}, ${viewport.width})`, async ({ signedInAs }) => {
    const t = words[language];
    const page = await signedInAs([language, viewport]);
    const id = await draftRecording(page.request, "For Mia", readFileSync(film));
    await page.goto(`/messages/${id}`);
    const occasion = page.getByRole("group", { name: t.look.theme });
    await expect(page.getByText(t.recorded.linkLater)).toHaveCount(0);
    // The themes come a moment later than the page: until then there is nowhere to go.
    await expect(occasion.getByRole("radio")).not.toHaveCount(1);
    const none = occasion.getByRole("radio", { name: t.look.noTheme });
    // A page that is still taking shape may take the focus with it; whoever sees that presses again.
    await expect(async () => {
      await none.press("ArrowRight");
      await expect(none).not.toBeChecked({ timeout: 1_000 });
    }).toPass();
    await button(page, t.look.more).press("Enter");
    const titleCard = page.getByRole("textbox", { name: new RegExp(`^${t.look.titleCard}`) });
    await expect(titleCard).not.toHaveValue("");
    await titleCard.fill(language === "ja" ? "みあちゃんへ" : "For Mia");
    await page.getByRole("radio", { name: t.look.captionsBurned }).check();
    await expect(page.getByRole("group", { name: t.look.waveform })).toHaveCount(0);
    await expect(page.getByText(t.recorded.linkLater)).toBeVisible();
    await isSaved(page, t);
    await inBothSchemes(page, "recorded-look", "chosen");
    await page.reload();
    const kept = await (await page.request.get(`/api/v1/messages/${id}`)).json();
    expect(kept).toMatchObject({ burned_captions: "sentence" });
    expect(kept.title_card).toContain(language === "ja" ? "みあ" : "Mia");
    await button(page, t.studio.send).or(button(page, t.recorded.make)).first().click();
    await expect
      .poll(async () => (await (await page.request.get(`/api/v1/messages/${id}`)).json()).state, {
        timeout: 120_000,
      })
      .toBe("ready");
  });
}
