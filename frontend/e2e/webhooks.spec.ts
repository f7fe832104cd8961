/** A webhook hears of what happens, signed, and the page shows what came of it. */

import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { inBothSchemes } from "./accessible";
import { draftMessage, isReady, render, signUp, somebody } from "./api";
import { languages } from "./looks";
import { DESKTOP, expect, PHONE, test } from "./scene";
import { button, field, heading, words } from "./sender";
import { type RunningStack, startAnother } from "./stack";

interface Heard {
  headers: IncomingHttpHeaders;
  body: string;
}

let stack: RunningStack;
let receiver: Server;
let heard: Heard[] = [];
let status = 204;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  receiver = createServer((request, answer) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      heard.push({ headers: request.headers, body });
      answer.writeHead(status).end(status === 204 ? undefined : "out of order");
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
  stack = await startAnother("webhooks", { WEBHOOK_ALLOW_PRIVATE: "true" });
});
test.afterAll(async () => {
  await stack?.stop();
  receiver?.close();
});

/** At both widths, in both colour schemes. */
async function lookedAt(page: Page, where: string): Promise<void> {
  for (const viewport of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport);
    await inBothSchemes(page, "webhook", where);
  }
}

const signature = (secret: string, { headers, body }: Heard): string => {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const told = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return `v1,${createHmac("sha256", key).update(told).digest("base64")}`;
};

for (const language of languages("ja")) {
  test(`a webhook hears of a video and is tested: ${language}`, async ({ browser }) => {
    test.setTimeout(240_000);
    heard = [];
    const t = words[language];
    const locale = language === "ja" ? "ja-JP" : "en-US";
    const context = await browser.newContext({ baseURL: stack.url, locale });
    const page = await context.newPage();
    await page.goto("/");
    await signUp(page.request, somebody("Anna Berg"));
    await page.goto("/account");
    await page.getByRole("link", { name: t.webhooks.title }).click();
    await expect(heading(page, t.webhooks.title)).toBeVisible();

    await field(page, t.webhooks.url).fill("https://169.254.169.254/");
    await page.keyboard.press("Enter");
    await expect(page.getByText(t.problems.target_not_public.what)).toBeVisible();
    await page.locator("summary", { hasText: t.webhooks.events }).press("Enter");
    await lookedAt(page, `new-${language}`);

    const { port } = receiver.address() as AddressInfo;
    await field(page, t.webhooks.url).fill(`http://127.0.0.1:${port}/hooks`);
    await page.getByRole("textbox", { name: t.webhooks.name }).fill("Orders");
    await button(page, t.webhooks.make).click();
    await expect(heading(page, t.webhooks.madeTitle)).toBeFocused();
    const secret = (await page.locator("pre").first().textContent()) ?? "";
    expect(secret).toMatch(/^whsec_/);
    await lookedAt(page, `made-${language}`);
    await button(page, t.webhooks.done).click();
    await expect(page.getByText(secret)).toHaveCount(0);

    const id = await draftMessage(page.request, { title: "Tom", script: "Hi Tom!", language });
    await render(page.request, id);
    await isReady(page.request, id);
    await page.locator("summary", { hasText: t.webhooks.log }).press("Enter");
    const log = page.getByRole("listitem").filter({ hasText: "Orders" });
    await expect(log.getByText("message.ready", { exact: true })).toBeVisible();
    await expect(log.getByText(t.webhooks.states.delivered)).toBeVisible({ timeout: 20_000 });
    const [first] = heard;
    expect(first?.headers["webhook-signature"]).toBe(first && signature(secret, first));
    expect(JSON.parse(first?.body ?? "{}").data).toMatchObject({ message_id: id });

    status = 500;
    await button(page, t.webhooks.testNamed("Orders")).click();
    await expect(log.getByText(t.webhooks.states.failed)).toBeVisible({ timeout: 20_000 });
    const failed = log.getByRole("listitem").filter({ hasText: "webhook.test" });
    await failed.getByText(t.webhooks.attempts).click();
    await expect(failed.getByText("out of order")).toBeVisible();
    await lookedAt(page, `log-${language}`);

    status = 410;
    await failed.getByRole("button", { name: t.webhooks.replayNamed("webhook.test") }).click();
    await expect(async () => {
      await page.reload();
      await expect(page.getByText(t.webhooks.disabled.gone)).toBeVisible({ timeout: 2000 });
    }).toPass({ timeout: 20_000 });
    await lookedAt(page, `gone-${language}`);
    status = 204;
    await button(page, t.webhooks.enableNamed("Orders")).click();
    await expect(page.getByText(t.webhooks.disabled.gone)).toHaveCount(0);
    await context.close();
  });
}
