/** A key that is made in the app lets a program speak, until it is revoked. */

import { expectAccessible } from "./accessible";
import { languages } from "./looks";
import { expect, keepPictures, test } from "./scene";
import { button, field, heading, words } from "./sender";

for (const language of languages("en")) {
  test(`a key speaks until it is revoked: ${language}`, async ({
    newcomer,
    sender,
    playwright,
    origin,
  }) => {
    const t = words[language];
    const page = await newcomer({
      locale: language === "ja" ? "ja-JP" : "en-US",
      storageState: await sender.request.storageState(),
    });
    await page.goto("/account");
    await page.getByRole("link", { name: t.account.apiKeys }).click();
    await expect(heading(page, t.apiKeys.title)).toBeVisible();
    await field(page, t.apiKeys.name).fill(`Robot ${language}`);
    await button(page, t.apiKeys.make).click();
    await expect(heading(page, t.apiKeys.madeTitle(`Robot ${language}`))).toBeFocused();
    const key = (await page.locator("pre").first().textContent()) ?? "";
    expect(key).toMatch(/^vm_\w{36}$/);
    await expect(page.locator("pre").nth(1)).toContainText(key);
    await expectAccessible(page, "a key that was just made");
    await keepPictures(page, `api-key-made-${language}`);

    const program = await playwright.request.newContext({
      baseURL: origin,
      extraHTTPHeaders: { Authorization: `Bearer ${key}` },
    });
    const order = { data: { input: "Hello!", voice: "alloy" } };
    const spoken = await program.post("/v1/audio/speech", order);
    expect(spoken.status()).toBe(200);
    expect((await spoken.body()).byteLength).toBeGreaterThan(1000);

    await button(page, t.apiKeys.done).click();
    await expect(page.getByText(key)).toHaveCount(0);
    await button(page, t.apiKeys.revokeNamed(`Robot ${language}`)).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: t.apiKeys.revoke, exact: true }).click();
    await expect(page.getByText(t.apiKeys.revoked)).toBeVisible();
    expect((await program.post("/v1/audio/speech", order)).status()).toBe(401);
    await program.dispose();
  });
}
