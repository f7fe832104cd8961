/** The voice machine in the browser: woken by an open editor, told honestly, stopped when idle. */

import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { draftMessage, render, somebody } from "./api";
import { expect, keepPictures, test } from "./scene";
import { heading, signUp, words } from "./sender";
import { freePort, type RunningStack, startAnother } from "./stack";

const t = words.en;
let stack: RunningStack;

// A second process plays the machine: a boot of some seconds, a rest of a few, looks twice a second.
test.beforeAll(async () => {
  stack = await startAnother("power", {
    POWER_PROVIDER: "process",
    POWER_PROCESS_PORT: await freePort(),
    POWER_PROCESS_BOOT_S: "6",
    POWER_ROUND_S: "0.5",
    POWER_IDLE_S: "3",
    POWER_INTENT_S: "40",
    POWER_WAITING_USD_HOUR: "2",
    SPEECH_ENGINE: "world",
  });
});
test.afterAll(() => stack.stop());

/** Have a message made and return where its page says that it was spoken. */
async function spokenBy(page: Page, script: string): Promise<string> {
  const draft = { title: "Hello", script, language: "en", aspect: "1:1" as const };
  const id = await draftMessage(page.request, draft);
  await render(page.request, id);
  await page.goto(`/messages/${id}`);
  await expect(heading(page, t.ready.shareTitle)).toBeVisible({ timeout: 60_000 });
  await page.getByText(t.ready.facts, { exact: true }).click();
  const receipt = page
    .locator("dt", { hasText: t.ready.receipt })
    .locator("xpath=following::dd[1]");
  return (await receipt.textContent()) ?? "";
}

const state = (page: Page, name: string) =>
  page.getByRole("status").getByText(t.power.states[name] as string, { exact: true });

test("an open editor wakes it, this server works meanwhile, and idling stops it", async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const context = await browser.newContext({
    baseURL: stack.url,
    extraHTTPHeaders: { Origin: stack.url },
  });
  const page = await context.newPage();
  await signUp(page, t, somebody("Owner"));
  await page.goto("/messages/new");
  await expect(page.getByText(t.lane.soon("").trim())).toBeVisible();
  await keepPictures(page, "lane-coming");
  expect(await spokenBy(page, "Good morning, dear guest.")).toContain(t.lane.names.cpu);

  await page.goto("/system");
  await expect(state(page, "ready")).toBeVisible({ timeout: 60_000 });
  await expectAccessible(page, "the system page with a voice machine");
  await keepPictures(page, "power");
  const receipt = await spokenBy(page, "Good evening, dear guest.");
  expect(receipt).toContain(t.lane.names.gpu);
  expect(receipt).toContain("$0.000");

  await page.goto("/system");
  await expect(state(page, "stopped")).toBeVisible({ timeout: 150_000 });
  await page.getByText(t.power.history).click();
  await expect(page.getByText(t.power.reasons.intent as string).first()).toBeVisible();
  await keepPictures(page, "power-history");
  await context.close();
});
