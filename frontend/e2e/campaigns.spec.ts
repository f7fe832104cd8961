/** One script for many names: a list, its rows, three that are listened to, and then the rest. */

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Page } from "@playwright/test";
import { inBothSchemes } from "./accessible";
import { draftMessage } from "./api";
import { bothLooks } from "./looks";
import { expect, test } from "./scene";
import { button, heading, words } from "./sender";

const NAMES = ["山田 花子", "佐藤 健", "鈴木 一郎", "高橋 美咲", "田中 誠", "伊藤 結衣"];
const KANA = [
  "ヤマダ ハナコ",
  "サトウ ケン",
  "スズキ イチロー",
  "タカハシ ミサキ",
  "タナカ マコト",
  "イトー ユイ",
];

/** As a Japanese spreadsheet program writes it: Shift_JIS, with a wrong and a repeated address. */
function guests(): Buffer {
  const rows = Array.from({ length: 12 }, (_, place) => {
    const address = place === 4 ? "こわれた" : `guest${place === 6 ? 0 : place}@example.com`;
    return [NAMES[place % 6], KANA[place % 6], address].join(",");
  });
  const csv = ["お名前,フリガナ,メール", ...rows].join("\r\n");
  const python = process.env.PYTHON ?? resolve(import.meta.dirname, "../../.venv/bin/python");
  const encode =
    "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read().decode().encode('cp932'))";
  return execFileSync(python, ["-c", encode], { input: csv });
}

async function giveList(page: Page, opener: string, name: string, buffer: Buffer): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await button(page, opener).click();
  await (await chooser).setFiles({ name, mimeType: "text/csv", buffer });
}

for (const look of bothLooks()) {
  const [language, viewport] = look;
  test(`a list becomes everybody's own video: ${language}, ${viewport.width} px`, async ({
    signedInAs,
    sender,
  }) => {
    test.setTimeout(240_000);
    const t = words[language];
    const page = await signedInAs(look);
    const id = await draftMessage(sender.request, {
      title: "招待",
      script: "{{お名前:さん|みなさま}}、こんにちは。",
      language: "ja",
    });
    await page.goto(`/messages/${id}`);
    await button(page, t.campaigns.sendToMany).click();
    await giveList(page, t.campaigns.list.choose, "guests.csv", guests());
    await expect(heading(page, t.campaigns.list.columns)).toBeVisible();
    await expect(page.getByText(/Shift_JIS/)).toBeVisible();
    await expect(page.getByLabel(t.campaigns.list.readingOf("お名前"))).toHaveValue("フリガナ");
    await inBothSchemes(page, "campaign", "list");

    await page.getByRole("link", { name: t.campaigns.next.check }).click();
    await expect(page.getByText(t.campaigns.check.faulty("2"))).toBeVisible();
    await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "13");
    await expect(page.getByText(t.campaigns.rows.codes.address_wrong?.what ?? "")).toBeVisible();
    await inBothSchemes(page, "campaign", "check");
    await button(page, t.campaigns.rows.open("5")).click();
    const row = page.getByRole("dialog");
    await expect(row.locator("mark")).toContainText("田中 誠さん");
    await inBothSchemes(page, "campaign", "row");
    await row.getByLabel("メール").fill("guest4@example.com");
    await row.getByRole("button", { name: t.campaigns.rows.saveCells, exact: true }).click();
    await expect(page.getByText(t.campaigns.rows.savedCells)).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByText(t.campaigns.check.faulty("1"))).toBeVisible();

    await button(page, t.campaigns.next.samples(3)).click();
    await expect(heading(page, t.campaigns.listen.title)).toBeVisible({ timeout: 90_000 });
    await button(page, t.campaigns.listen.playOf("山田 花子")).click();
    await expect(button(page, t.campaigns.listen.stop)).toBeVisible();
    await inBothSchemes(page, "campaign", "listen");
    await button(page, t.campaigns.next.approve("8")).click();
    await expect(page.getByText(t.campaigns.run.title.done)).toBeVisible({ timeout: 120_000 });
    await inBothSchemes(page, "campaign", "done");
    await button(page, t.campaigns.rows.open("1")).click();
    await expect(row.locator("video")).toBeVisible();
    await inBothSchemes(page, "campaign", "made");
    await page.keyboard.press("Escape");
    const saving = page.waitForEvent("download");
    await button(page, t.campaigns.run.results).click();
    const results = await readFile(await (await saving).path(), "utf-8");
    expect(results.match(/\/s\/[\w.-]+/g)).toHaveLength(11);
  });
}

test("ten thousand rows are taken in, previewed and paged", async ({ signedInAs, sender }) => {
  test.setTimeout(180_000);
  const t = words.en;
  const page = await signedInAs(["en", { width: 1280, height: 800 }]);
  const id = await draftMessage(sender.request, {
    title: "Many",
    script: "Hi {{name|there}}! Thank you for coming.",
    language: "en",
  });
  const rows = Array.from(
    { length: 10_000 },
    (_, place) => `Guest ${place + 1},g${place}@example.com`,
  );
  await page.goto(`/messages/${id}`);
  await button(page, t.campaigns.sendToMany).click();
  await giveList(
    page,
    t.campaigns.list.choose,
    "many.csv",
    Buffer.from(["name,email", ...rows].join("\n")),
  );
  await page.getByRole("link", { name: t.campaigns.next.check }).click({ timeout: 60_000 });
  const grid = page.getByRole("grid");
  await expect(grid).toHaveAttribute("aria-rowcount", "10001");
  await grid.evaluate((box) => box.scrollTo(0, 5000 * 64));
  await expect(grid.getByText("Guest 5003", { exact: true })).toBeVisible();
  await button(page, t.campaigns.rows.open("5,003")).click();
  await expect(page.getByRole("dialog").locator("mark")).toHaveText("Hi Guest 5003!");
  await page.keyboard.press("Escape");
  await page.getByRole("searchbox").pressSequentially("Guest 777");
  await expect(grid).toHaveAttribute("aria-rowcount", "12");
  await page.locator("label", { hasText: t.campaigns.rows.states.waiting }).click();
  await expect(grid.getByText("Guest 7777", { exact: true })).toBeVisible();

  const search = page.getByRole("searchbox");
  await expect(page).toHaveURL(/state=waiting.*q=Guest/);
  const copied = page.url();
  await page.reload();
  await expect(search).toHaveValue("Guest 777");
  await expect(grid).toHaveAttribute("aria-rowcount", "12");
  await search.fill("");
  await expect(grid).toHaveAttribute("aria-rowcount", "10001");
  await grid.evaluate((box) => box.scrollTo(0, 8000 * 64));
  await expect(page).toHaveURL(/row=8001/);
  await page.reload();
  await expect(grid.getByText("Guest 8001", { exact: true })).toBeInViewport();
  await page.getByRole("link", { name: t.campaigns.steps.list }).click();
  await expect(heading(page, t.campaigns.list.columns)).toBeVisible();
  await page.goBack();
  await expect(grid.getByText("Guest 8001", { exact: true })).toBeInViewport();
  await page.goto(copied);
  await expect(grid).toHaveAttribute("aria-rowcount", "12");
});
