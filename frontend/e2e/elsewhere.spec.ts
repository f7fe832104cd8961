/** A draft that is open on a phone and on a desktop at once: nobody's words are written over. */

import type { Page } from "@playwright/test";
import { inBothSchemes } from "./accessible";
import { draftMessage } from "./api";
import { looks } from "./looks";
import { DESKTOP, expect, PHONE, test } from "./scene";
import { button, field, isSaved, titleField, words } from "./sender";

test.describe.configure({ timeout: 180_000 });

const ja = words.ja;
const en = words.en;
const BEGUN = "お元気ですか。";

async function heldBy(page: Page, id: string) {
  return (await page.request.get(`/api/v1/messages/${id}`)).json();
}

for (const [language, viewport] of [...looks("ja"), ...looks("en")]) {
  test(`both sides of a draft are kept (${language}, ${viewport.width})`, async ({
    signedInAs,
    sender,
  }) => {
    const t = words[language];
    const draft = { title: "", script: BEGUN, language: "ja" };
    const id = await draftMessage(sender.request, draft);
    const here = await signedInAs([language, viewport]);
    const other = viewport === PHONE ? DESKTOP : PHONE;
    const there = await signedInAs(["en", other]);
    await here.goto(`/messages/${id}`);
    await there.goto(`/messages/${id}`);

    // Different fields go together without a question.
    await titleField(there, en).fill("A title from there");
    await isSaved(there, en);
    await field(here, t.compose.script).fill(`${BEGUN}また会いましょう。`);
    await expect(here.getByText(t.draft.takenIn)).toBeVisible();
    await expect(titleField(here, t)).toHaveValue("A title from there");
    await expect(field(here, t.compose.script)).toBeFocused();
    expect(await heldBy(here, id)).toMatchObject({
      title: "A title from there",
      script: `${BEGUN}また会いましょう。`,
    });

    // The same field waits for a choice, which is made by keyboard.
    await field(there, en.compose.script).fill("Words from there.");
    await expect(there.getByText(en.draft.conflict)).toBeVisible();
    const mine = button(there, en.draft.ofField(en.draft.keepMine, en.draft.fields.script ?? ""));
    await expect(there.getByRole("blockquote")).toHaveText(`${BEGUN}また会いましょう。`);
    await inBothSchemes(there, "elsewhere", "conflict");
    expect((await heldBy(there, id)).script).toContain(BEGUN);
    await button(there, en.compose.render).press("Enter");
    await expect(there.locator("#draft-conflict")).toBeFocused();
    await there.keyboard.press("Tab");
    await there.keyboard.press("Tab");
    await expect(mine).toBeFocused();
    await mine.press("Enter");
    await isSaved(there, en);
    expect((await heldBy(there, id)).script).toBe("Words from there.");

    const script = field(here, t.compose.script);
    await script.fill("ここで書いた言葉。");
    await expect(here.getByText(t.draft.conflict)).toBeVisible();
    await expect(here.getByRole("status").getByText(t.draft.undecided)).toBeVisible();
    await button(here, t.draft.decide).press("Enter");
    await expect(here.locator("#draft-conflict")).toBeFocused();
    await inBothSchemes(here, "elsewhere", "conflict");
    await here.reload();
    await expect(here.getByText(t.draft.conflict)).toBeVisible();
    await expect(script).toHaveValue("ここで書いた言葉。");
    const scriptName = t.draft.fields.script ?? "";
    await button(here, t.draft.ofField(t.draft.takeTheirs, scriptName)).press("Enter");
    await expect(script).toHaveValue("Words from there.");
    await isSaved(here, t);
    await expect(here.getByText(t.draft.conflict)).toHaveCount(0);
    expect((await heldBy(here, id)).script).toBe("Words from there.");
  });
}

test("an answer that is lost is no change of somebody else's", async ({ signedInAs, sender }) => {
  const draft = { title: "", script: BEGUN, language: "ja" };
  const id = await draftMessage(sender.request, draft);
  const page = await signedInAs(["ja", PHONE]);
  await page.goto(`/messages/${id}`);
  let lost = 0;
  await page.route(`**/api/v1/messages/${id}`, async (route) => {
    if (route.request().method() !== "PATCH" || lost > 0) return route.continue();
    lost += 1;
    await route.fetch();
    await route.abort();
  });
  const script = field(page, ja.compose.script);
  await script.fill(`${BEGUN}一。`);
  await expect(page.getByText(ja.compose.savedDevice)).toBeVisible();
  await script.fill(`${BEGUN}一。二。`);
  await isSaved(page, ja);
  expect((await heldBy(page, id)).script).toBe(`${BEGUN}一。二。`);
  await expect(page.getByText(ja.draft.conflict)).toHaveCount(0);
});
