/** Deleting asks first, says what goes, and takes it away. */

import { expectAccessible } from "./accessible";
import { draftMessage } from "./api";
import { languages } from "./looks";
import { expect, test } from "./scene";
import { button, heading, words } from "./sender";

for (const language of languages("ja")) {
  test(`a message is deleted only when asked twice, in ${language}`, async ({
    newcomer,
    sender,
  }) => {
    const t = words[language];
    const page = await newcomer({ locale: language === "ja" ? "ja-JP" : "en-US" });
    const signedIn = await page.request.post("/api/v1/sessions", {
      data: { email: sender.account.email, password: sender.account.password },
      headers: { Origin: new URL(sender.link.url).origin },
    });
    expect(signedIn.status()).toBeLessThan(300);
    const id = await draftMessage(sender.request, {
      title: "Gone soon",
      script: "Bye.",
      language: "en",
    });
    await page.goto(`/messages/${id}`);
    await button(page, t.compose.delete).click();
    const dialog = page.getByRole("alertdialog").or(page.getByRole("dialog"));
    await expect(dialog.getByText(t.ready.deleteTitle)).toBeVisible();
    await expect(dialog.getByText(t.ready.deleteDraft)).toBeVisible();
    await expectAccessible(page, "the question before deleting");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await button(page, t.compose.delete).click();
    await dialog.getByRole("button", { name: t.common.delete, exact: true }).click();
    await expect(page.getByText(t.ready.deleted)).toBeVisible();
    await page.goto(`/messages/${id}`);
    await expect(heading(page, t.failure.notFoundTitle)).toBeAttached();
  });
}
