/** The sender's side of a link: who may watch, and what is seen of those who did. */

import type { APIRequestContext, Page, PlaywrightWorkerArgs } from "@playwright/test";
import { inBothSchemes } from "./accessible";
import { draftMessage, render, type Share, share, signUp, somebody } from "./api";
import { languages } from "./looks";
import { DESKTOP, expect, PHONE, test } from "./scene";
import { button, field, heading, type Language, words } from "./sender";

const stories: Record<Language, { title: string; script: string; label: string; name: string }> = {
  en: { title: "For Tom", script: "Happy birthday, Tom!", label: "Tom", name: "Tom" },
  ja: {
    title: "おばあちゃんへ",
    script: "お誕生日おめでとう。",
    label: "おばあちゃん",
    name: "花子",
  },
};

interface Viewer {
  tell: (kind: string, more?: object) => Promise<void>;
  send: (place: string, body: object) => Promise<void>;
}

/** What the recipient's page sends, from a browser that nobody is signed in to. */
async function viewerOf(
  playwright: PlaywrightWorkerArgs["playwright"],
  origin: string,
  link: Share,
): Promise<Viewer> {
  const request = await playwright.request.newContext({
    baseURL: origin,
    extraHTTPHeaders: { Origin: origin },
  });
  const path = new URL(link.url).pathname;
  const send = async (place: string, body: object) => {
    const answer = await request.post(`${path}/${place}`, { data: body });
    expect(answer.ok(), `${place}: ${await answer.text()}`).toBe(true);
  };
  return { send, tell: (kind, more = {}) => send("events", { kind, ...more }) };
}

async function readyMessage(request: APIRequestContext, language: Language): Promise<string> {
  const { title, script } = stories[language];
  const id = await draftMessage(request, { title, script, language });
  await render(request, id);
  return id;
}

const figure = (page: Page, name: string) =>
  page
    .getByRole("listitem")
    .filter({ hasText: new RegExp(`^${name}|${name}$`) })
    .getByRole("strong");

async function look(page: Page, where: string): Promise<void> {
  for (const viewport of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport);
    const tooWide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(tooWide, `${where} at ${viewport.width} px scrolls sideways`).toBe(0);
    await inBothSchemes(page, "audience", where);
  }
}

for (const language of languages("ja")) {
  test(`a link gets its rules, and the page shows who watches, live: ${language}`, async ({
    newcomer,
    playwright,
    origin,
  }) => {
    test.setTimeout(240_000);
    const t = words[language];
    const { label, name } = stories[language];
    const page = await newcomer({ locale: language === "ja" ? "ja-JP" : "en-US" });
    const { request } = page;
    await page.setExtraHTTPHeaders({});
    await page.goto("/");
    const account = somebody("Anna Berg");
    await signUp(request, account);
    const id = await readyMessage(request, language);
    const first = await share(request, id);
    await page.goto(`/messages/${id}`);
    await expect(heading(page, t.audience.title)).toBeVisible();
    await expect(page.getByText(t.audience.nobodyYet)).toBeVisible();

    // Another link, with a name and rules of its own.
    await page.getByText(t.links.another).click();
    await page.getByRole("textbox", { name: new RegExp(`^${t.links.label}`) }).fill(label);
    await button(page, t.links.make).click();
    const links = page.getByRole("listitem").filter({ has: page.getByRole("textbox") });
    await expect(links).toHaveCount(2);
    const second = page.getByRole("textbox", { name: t.links.forWhom(label), exact: true });
    const url = await second.inputValue();
    expect(url).not.toBe(first.url);
    const card = links.filter({ has: second });
    await card.getByText(t.links.rules).click();
    await card.getByRole("checkbox", { name: t.links.askPassword }).check();
    await field(page, t.links.password).fill("abc");
    await card.getByRole("checkbox", { name: t.links.limitViews }).check();
    await field(page, t.links.limit).fill("5");
    await field(page, t.links.expiry).selectOption("7");
    await card.getByRole("checkbox", { name: t.links.download }).check();
    await card.getByRole("checkbox", { name: t.links.showButton }).check();
    await field(page, t.links.buttonLabel).fill("OK");
    await field(page, t.links.buttonUrl).fill("javascript:alert(1)");
    await card.getByRole("button", { name: t.common.save }).click();
    await expect(page.getByText(t.problems.string_too_short.what)).toBeVisible();
    await expect(page.getByText(t.problems.url_scheme.what)).toBeVisible();
    await look(page, `link-rules-${language}`);
    await field(page, t.links.password).fill("open sesame");
    await field(page, t.links.buttonUrl).fill("example.com");
    await card.getByRole("button", { name: t.common.save }).click();
    await expect(card.getByText(t.links.withPassword)).toBeVisible();
    const guest = await newcomer();
    expect((await guest.request.get(`${new URL(url).pathname}/video.mp4`)).status()).toBe(403);

    // Somebody watches half of it; the page that is open shows every step.
    const viewer = await viewerOf(playwright, origin, first);
    await viewer.tell("opened");
    await expect(figure(page, t.audience.opened)).toHaveText("1");
    await viewer.tell("played");
    await viewer.tell("progress", { watched: Array.from({ length: 26 }, (_, place) => place) });
    await expect(figure(page, t.common.percent("50"))).toHaveText("1");
    await expect(figure(page, t.common.percent("75"))).toHaveText("0");
    await viewer.send("reactions", { emoji: "❤️", position_s: 0.5 });
    const evil = '<script>document.title = "owned"</script>';
    await viewer.send("replies", { name, text: evil });
    await expect(page.getByText(evil)).toBeVisible();
    await expect(page.getByText("❤️")).toBeVisible();
    expect(await page.title()).not.toBe("owned");
    await page.getByText(t.audience.asTable).click();
    await look(page, `seen-${language}`);

    // The sender's own look at the link counts nothing.
    await page.request.post(`${new URL(first.url).pathname}/events`, { data: { kind: "opened" } });
    await page.reload();
    await expect(figure(page, t.audience.opened)).toHaveText("1");

    await button(page, t.audience.deleteReplyOf(name)).click();
    await page.getByRole("dialog").getByRole("button", { name: t.common.delete }).click();
    await expect(page.getByText(evil)).toBeHidden();
  });
}
