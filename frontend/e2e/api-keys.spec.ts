/** A key that is made in the app opens what it was made for, is replaced, and is revoked. */

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
    const may = page.locator("summary", { hasText: t.apiKeys.may });
    await may.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("checkbox", { name: "messages:read" }).focus();
    await page.keyboard.press("Space");
    await expectAccessible(page, "what a key may do");
    await keepPictures(page, `api-key-scopes-${language}`);
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

    expect((await program.get("/api/v1/messages")).status()).toBe(200);
    expect((await program.get("/api/v1/uploads/upl_none")).status()).toBe(403);

    await button(page, t.apiKeys.done).click();
    await expect(page.getByText(key)).toHaveCount(0);
    await button(page, t.apiKeys.rotateNamed(`Robot ${language}`)).click();
    await expectAccessible(page, "replacing a key");
    await keepPictures(page, `api-key-rotate-${language}`);
    const rotation = page.getByRole("dialog");
    await rotation.getByRole("button", { name: t.apiKeys.rotate, exact: true }).click();
    await expect(heading(page, t.apiKeys.madeTitle(`Robot ${language}`))).toBeFocused();
    const next = (await page.locator("pre").first().textContent()) ?? "";
    expect(next).not.toBe(key);
    const asNext = { headers: { Authorization: `Bearer ${next}` } };
    expect((await program.get("/api/v1/messages", asNext)).status()).toBe(200);
    expect((await program.get("/api/v1/messages")).status()).toBe(200);
    await expect(page.getByText(t.apiKeys.ends("@").split("@")[0] ?? "")).toBeVisible();
    await expectAccessible(page, "a key that was replaced");

    await button(page, t.apiKeys.done).click();
    const old = page.getByRole("listitem").filter({ hasText: key.slice(0, 11) });
    await old.getByRole("button", { name: t.apiKeys.revokeNamed(`Robot ${language}`) }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: t.apiKeys.revoke, exact: true }).click();
    await expect(page.getByText(t.apiKeys.revoked)).toBeVisible();
    expect((await program.post("/v1/audio/speech", order)).status()).toBe(401);
    await program.dispose();
  });
}
