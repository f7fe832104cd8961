/** A message by mail: written in the page, taken by a real mail server, and seen to be watched. */

import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { resolve } from "node:path";
import { expectAccessible } from "./accessible";
import { draftMessage, render, signUp, somebody } from "./api";
import { languages } from "./looks";
import { DESKTOP, expect, keepPicture, PHONE, test } from "./scene";
import { button, field, heading, words } from "./sender";
import { freePort, type RunningStack, startAnother } from "./stack";

const repository = resolve(import.meta.dirname, "../..");

let stack: RunningStack;
let postbox: ChildProcess;
let received = "";

/** Prints every mail that it takes. */
async function openPostbox(port: string): Promise<ChildProcess> {
  const python = process.env.PYTHON ?? resolve(repository, ".venv/bin/python");
  const handler = "aiosmtpd.handlers.Debugging";
  const opened = spawn(
    python,
    ["-u", "-m", "aiosmtpd", "-n", "-c", handler, "stdout", "-l", `127.0.0.1:${port}`],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  opened.stdout?.on("data", (chunk: Buffer) => {
    received += chunk.toString();
  });
  await expect(async () => {
    await new Promise<void>((reached, failed) => {
      const line = connect(Number(port), "127.0.0.1", () => {
        line.destroy();
        reached();
      }).once("error", failed);
    });
  }).toPass({ timeout: 20_000 });
  return opened;
}

test.beforeAll(async () => {
  test.setTimeout(180_000);
  const port = await freePort();
  postbox = await openPostbox(port);
  stack = await startAnother("mail", {
    MAIL_TRANSPORT: "smtp",
    MAIL_FROM: "post@video.example",
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: port,
    SMTP_SECURITY: "none",
  });
});
test.afterAll(async () => {
  await stack?.stop();
  postbox?.kill();
});

for (const language of languages("en")) {
  test(`a message is mailed, and the page follows it: ${language}`, async ({ browser }) => {
    test.setTimeout(240_000);
    const t = words[language];
    const locale = language === "ja" ? "ja-JP" : "en-US";
    const context = await browser.newContext({ baseURL: stack.url, locale });
    const page = await context.newPage();
    await page.goto("/");
    await signUp(page.request, somebody("Anna Berg"));
    const id = await draftMessage(page.request, { title: "Tom", script: "Hi Tom!", language });
    await render(page.request, id);
    await page.goto(`/messages/${id}`);
    await expect(heading(page, t.emails.title)).toBeVisible();
    await page.getByText(t.emails.write).click();
    await page.getByText(t.emails.rules).click();
    await page.getByRole("checkbox", { name: t.links.download }).check();
    await field(page, t.emails.to).fill("Tom <tom@example.com>\nnobody");
    await button(page, t.emails.send).click();
    await expect(page.getByText(/^nobody[:：]/)).toBeVisible();
    for (const [width, viewport] of Object.entries({ 390: PHONE, 1280: DESKTOP })) {
      await page.setViewportSize(viewport);
      await expectAccessible(page, `writing a mail, ${width} px`);
      await keepPicture(page, `mail-form-${language}-${width}`);
    }
    await field(page, t.emails.to).fill("Tom <tom@example.com>");
    await button(page, t.emails.send).click();
    const list = page.getByRole("list", { name: t.emails.list });
    await expect(list.getByText(t.emails.sent, { exact: true })).toBeVisible({ timeout: 20_000 });
    expect(received).toContain("To: Tom <tom@example.com>");

    const link = await page.locator("input[id^=link-]").first().inputValue();
    const path = new URL(link).pathname;
    const viewer = await browser.newContext({
      baseURL: stack.url,
      extraHTTPHeaders: { Origin: stack.url },
    });
    for (const event of [
      { kind: "opened" },
      { kind: "played" },
      { kind: "progress", watched: Array.from({ length: 25 }, (_, place) => place) },
    ]) {
      expect((await viewer.request.post(`${path}/events`, { data: event })).ok()).toBe(true);
    }
    await expect(list.getByText(t.emails.watched(t.common.percent("50")))).toBeVisible();

    await page.getByText(t.links.qr, { exact: true }).click();
    await expect(page.getByRole("img", { name: /QR/ })).toHaveJSProperty("complete", true);
    for (const [width, viewport] of Object.entries({ 390: PHONE, 1280: DESKTOP })) {
      await page.setViewportSize(viewport);
      await expectAccessible(page, `a mail that was watched, ${width} px`);
      await keepPicture(page, `mail-${language}-${width}`);
    }
    await viewer.close();
    await context.close();
  });
}
