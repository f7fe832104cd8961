/** A sentence is heard in two ways, the better one is chosen, and taken back: by keyboard. */

import { inBothSchemes } from "./accessible";
import { draftMessage } from "./api";
import { looks } from "./looks";
import { expect, test } from "./scene";
import { button, field, isSaved, words } from "./sender";

test.describe.configure({ timeout: 180_000 });

const SENTENCE = "お誕生日おめでとう。";
const REWORDED = "花子さん、お誕生日おめでとう。";

for (const [language, viewport] of [...looks("ja"), ...looks("en")]) {
  test(`the best of two takes is used (${language}, ${viewport.width})`, async ({
    signedInAs,
    sender,
  }) => {
    const t = words[language];
    const draft = { title: "", script: `${SENTENCE}またね。`, language: "ja" };
    const id = await draftMessage(sender.request, draft);
    const page = await signedInAs([language, viewport]);
    const takes = page.getByRole("region", { name: t.takes.title }).getByRole("listitem");
    const speed = page.getByRole("slider", { name: t.sentences.controls.speed, exact: true });
    const hear = async (sentence: string) => {
      const kept = page.waitForResponse(
        (answer) => answer.url().endsWith("/takes") && answer.request().method() === "POST",
      );
      await button(page, t.compose.voiceHear(sentence)).press("Enter");
      expect((await kept).status()).toBe(201);
    };
    await page.goto(`/messages/${id}`);
    await button(page, t.sentences.title).press("Enter");
    await button(page, t.sentences.editNamed(SENTENCE)).press("Enter");
    await expect(takes).toHaveCount(0);
    await hear(SENTENCE);
    await expect(takes).toHaveCount(1);
    await expect(takes.first()).toContainText(t.takes.used);
    await speed.focus();
    await page.keyboard.press("Home");
    await hear(SENTENCE);
    await expect(takes).toHaveCount(2);
    await expect(takes.first()).toContainText("50%");
    await inBothSchemes(page, "takes", "two");

    const first = t.takes.named("1", t.takes.usual);
    await button(page, t.takes.useNamed(first)).press("Enter");
    await expect(speed).toHaveValue("1");
    await expect(takes.last()).toContainText(t.takes.used);
    await button(page, t.compose.voiceHear(first)).press("Enter");
    await expect(button(page, t.compose.voiceStop)).toBeVisible();
    await page.keyboard.press("Control+z");
    await expect(speed).toHaveValue("0.5");
    await expect(takes.first()).toContainText(t.takes.used);

    await field(page, t.compose.script).fill(`${REWORDED}またね。`);
    await button(page, t.sentences.editNamed(REWORDED)).press("Enter");
    await expect(takes).toHaveCount(2);
    await expect(takes.first()).toContainText(SENTENCE);
    await isSaved(page, t);
    await page.reload();
    await button(page, t.sentences.title).press("Enter");
    await button(page, t.sentences.editNamed(REWORDED)).press("Enter");
    await button(
      page,
      t.takes.useNamed(
        t.takes.named("1", `${t.takes.usual}${t.readings.between}${t.takes.said(SENTENCE)}`),
      ),
    ).press("Enter");
    await expect(field(page, t.compose.script)).toHaveValue(`${SENTENCE}またね。`);
    await isSaved(page, t);
  });
}
