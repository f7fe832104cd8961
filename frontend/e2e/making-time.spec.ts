/** While a message is written, the page tells how long its video will take to be made. */

import { inBothSchemes } from "./accessible";
import { looks } from "./looks";
import { expect, test } from "./scene";
import { field, isSaved, words } from "./sender";

test.describe.configure({ timeout: 180_000 });

for (const [language, viewport] of [...looks("ja"), ...looks("en")]) {
  test(`the time of making follows the words (${language}, ${viewport.width})`, async ({
    signedInAs,
  }) => {
    const t = words[language];
    const page = await signedInAs([language, viewport]);
    await page.goto("/messages/new");
    const script = field(page, t.compose.script);
    const placeOf = () => script.evaluate((area) => area.closest("div")?.offsetHeight);
    const emptyHeight = await placeOf();
    const short = language === "ja" ? "お誕生日おめでとう。" : "Happy birthday to you.";
    await script.fill(short);
    const [before, after] = t.compose.makingTime("|").split("|") as [string, string];
    const told = page.getByText(new RegExp(`^${before}.+${after}`));
    await expect(told).toBeVisible();
    const first = await told.textContent();
    await isSaved(page, t);
    expect(await placeOf()).toBe(emptyHeight);
    await inBothSchemes(page, "making-time", "told");
    await script.fill(short.repeat(40));
    await expect(told).not.toHaveText(first ?? "");
    await script.fill("");
    await expect(told).toHaveCount(0);
  });
}
