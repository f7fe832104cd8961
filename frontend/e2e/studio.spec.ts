/** The studio with a fake camera: takes are recorded, cut and sent, and none is ever lost. */

import { type Browser, type BrowserContextOptions, chromium, type Page } from "@playwright/test";
import { expectAccessible, inBothSchemes } from "./accessible";
import { somebody } from "./api";
import { camera, film, recording } from "./belongings";
import { chromiumArguments, findChromium, QUIET } from "./chromium";
import { type Look, looks } from "./looks";
import { DESKTOP, expect, keepPicture, PHONE, type Sender, test } from "./scene";
import {
  button,
  chooseFile,
  field,
  heading,
  type Language,
  makeLink,
  signUp,
  titleField,
  words,
} from "./sender";
import * as studio from "./studio";
import { bigPlay, playedS } from "./watching";

async function optionsOf(
  sender: Sender,
  language: Language,
  viewport: typeof DESKTOP,
): Promise<BrowserContextOptions> {
  const storageState = await sender.request.storageState();
  return { locale: language === "ja" ? "ja-JP" : "en-US", viewport, storageState };
}

/** What the server says about the message whose page is open. */
async function messageOf(page: Page): Promise<{ duration_s: number; state: string }> {
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const answer = await page.request.get(`/api/v1/messages/${id}`);
  return answer.json();
}

const at = ([language, { width }]: Look): string => `${language} at ${width}`;

for (const look of looks("ja")) {
  const [language, viewport] = look;
  const t = words[language];

  test(`record, pause, go on, record again, undo, cut, send, watched: ${at(look)}`, async ({
    newcomer,
    sender,
  }) => {
    test.setTimeout(180_000);
    const page = await newcomer(await optionsOf(sender, language, viewport));
    await page.goto("/record");
    await expect(button(page, t.studio.start)).toBeVisible();
    await inBothSchemes(page, "studio", "entrance");
    await studio.turnOnCamera(page, t);
    await inBothSchemes(page, "studio", "camera");

    await button(page, t.studio.devices).click();
    await expect(page.getByRole("meter").first()).toBeVisible();
    await inBothSchemes(page, "studio", "devices");
    await button(page, t.studio.script).click();
    await field(page, t.studio.script).fill(language === "ja" ? "お元気ですか。" : "How are you?");
    await button(page, t.studio.script).click();
    await expect(page.getByRole("region", { name: t.studio.script })).toBeVisible();

    await button(page, t.studio.record).click();
    await expect(page.getByRole("alert")).toHaveText(/[123]/);
    await studio.isRecording(page);
    await studio.recordUntil(page, 2);
    await button(page, t.studio.pause).click();
    await expect(studio.stage(page)).toHaveAttribute("data-phase", "paused");
    const paused = await studio.timer(page).textContent();
    await inBothSchemes(page, "studio", "paused");
    await expect(studio.timer(page)).toHaveText(paused ?? "");
    await button(page, t.studio.resume).click();
    await studio.recordUntil(page, 5);
    await studio.stop(page, t);

    await studio.recordAgain(page, t, 1);
    await expect(studio.takes(page, t)).toHaveCount(2);
    await expect(studio.takes(page, t).nth(1)).toBeChecked();
    await button(page, t.studio.undo).click();
    await expect(studio.takes(page, t).first()).toBeChecked();

    await studio.isUploaded(page, t);
    const end = page.getByRole("slider", { name: t.studio.trimEnd });
    const start = page.getByRole("slider", { name: t.studio.trimStart });
    const wholeS = Number(await end.getAttribute("max"));
    await end.press("PageDown");
    await end.press("ArrowLeft");
    await start.press("Shift+ArrowRight");
    await expect(start).toHaveAttribute("aria-valuetext", /0:01\.0/);
    const keptS = Number(await end.inputValue()) - 1;
    expect(keptS).toBeGreaterThan(wholeS - 2.2);
    expect(keptS).toBeLessThan(wholeS - 2);
    await titleField(page, t).fill(language === "ja" ? "おばあちゃんへ" : "For Tom");
    await inBothSchemes(page, "studio", "review");
    await studio.send(page, t);
    await expect.poll(async () => (await messageOf(page)).state, { timeout: 60_000 }).toBe("ready");
    await expect.poll(() => studio.videoLengthS(page)).toBeGreaterThan(keptS - 0.2);
    expect(await studio.videoLengthS(page)).toBeLessThan(keptS + 0.2);
    await inBothSchemes(page, "studio", "sent");

    const link = await makeLink(page, t);
    const recipient = await newcomer({ locale: "en-US", viewport });
    await recipient.goto(link);
    await bigPlay(recipient).click();
    await expect.poll(() => playedS(recipient)).toBeGreaterThan(0.5);
    await page.goto("/record");
    await expect(button(page, t.studio.start)).toBeVisible();
    await expect(heading(page, t.studio.unsentTitle)).toHaveCount(0);
  });
}

for (const look of looks("en")) {
  const [language, viewport] = look;
  const t = words[language];

  test(`a page killed in the middle of a take loses nothing: ${at(look)}`, async ({
    newcomer,
    sender,
  }) => {
    const page = await newcomer(await optionsOf(sender, language, viewport));
    await studio.turnOnCamera(page, t);
    await studio.startRecording(page, t);
    await studio.recordUntil(page, 6);
    const crashed = page.waitForEvent("crash");
    const devtools = await page.context().newCDPSession(page);
    devtools.send("Page.crash").catch(() => undefined);
    await crashed;

    const back = await page.context().newPage();
    await back.goto("/");
    await expect(heading(back, t.studio.unsentTitle)).toBeVisible();
    await inBothSchemes(back, "studio", "unsent");
    await back.getByRole("link", { name: t.studio.unsentGo }).click();
    await studio.isReviewing(back, t);
    await studio.isUploaded(back, t);
    await studio.send(back, t);
    expect((await messageOf(back)).duration_s).toBeGreaterThan(4);
    await back.goto("/");
    await expect(heading(back, t.messages.title)).toBeVisible();
    await expect(heading(back, t.studio.unsentTitle)).toHaveCount(0);
  });
}

for (const look of looks("ja")) {
  const [language, viewport] = look;
  const t = words[language];

  test(`twenty seconds without a network lose nothing: ${at(look)}`, async ({
    newcomer,
    sender,
  }) => {
    test.setTimeout(120_000);
    const page = await newcomer(await optionsOf(sender, language, viewport));
    await studio.turnOnCamera(page, t);
    await studio.startRecording(page, t);
    await expect(studio.safety(page)).toHaveText(t.studio.safety.kept ?? "");
    await page.context().setOffline(true);
    await studio.recordUntil(page, 21);
    await expect(studio.safety(page)).toHaveText(t.studio.safety.offline ?? "");
    await expectAccessible(page, "recording without a network");
    await keepPicture(page, `studio-offline-${viewport.width}`);
    await page.context().setOffline(false);
    await expect(studio.safety(page)).toHaveText(t.studio.safety.kept ?? "");
    await studio.stop(page, t);
    await studio.isUploaded(page, t);
    await studio.send(page, t);
    expect((await messageOf(page)).duration_s).toBeGreaterThan(20);
  });
}

for (const look of looks("en")) {
  const [language, viewport] = look;
  const t = words[language];

  test(`a camera that goes away ends the take and keeps it: ${at(look)}`, async ({
    newcomer,
    sender,
  }) => {
    const page = await newcomer(await optionsOf(sender, language, viewport));
    await studio.turnOnCamera(page, t);
    await studio.startRecording(page, t);
    await studio.recordUntil(page, 3);
    await studio.loseTrack(page, "video");
    await studio.isReviewing(page, t);
    await expect(page.getByRole("alert")).toContainText(t.studio.mishaps.camera_lost?.what ?? "");
    await inBothSchemes(page, "studio", "lost");
    await studio.recordAgain(page, t, 1);
    await expect(studio.takes(page, t)).toHaveCount(2);
    await button(page, t.studio.undo).click();
    await studio.isUploaded(page, t);
    await studio.send(page, t);
  });
}

for (const look of looks("ja")) {
  const [language, viewport] = look;
  const t = words[language];

  test(`a refused camera is explained, and a file will do: ${at(look)}`, async ({
    origin,
    sender,
  }) => {
    const options = await optionsOf(sender, language, viewport);
    const flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny"];
    await withBrowser([...QUIET, ...flags], async (browser) => {
      const context = await browser.newContext({ baseURL: origin, ...options });
      const page = await context.newPage();
      await page.goto("/record");
      await button(page, t.studio.start).click();
      await expectHelp(page, t, "denied");
      await inBothSchemes(page, "studio", "denied");
      await chooseFile(page, button(page, t.studio.file), film);
      await studio.isReviewing(page, t);
      await studio.isUploaded(page, t);
      await studio.send(page, t);
    });
  });
}

for (const look of looks("en")) {
  const [language, viewport] = look;
  const t = words[language];

  test(`without a camera the studio waits for one: ${at(look)}`, async ({ newcomer, sender }) => {
    const page = await newcomer(await optionsOf(sender, language, viewport));
    // No flag takes the devices away from a computer that has some: the browser's answer is the
    // edge at which the test stands.
    await page.addInitScript(() => {
      const { mediaDevices } = navigator;
      const open = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = (wishes) =>
        "isPluggedIn" in window
          ? open(wishes)
          : Promise.reject(new DOMException("Requested device not found", "NotFoundError"));
    });
    await page.goto("/record");
    await button(page, t.studio.start).click();
    await expectHelp(page, t, "no_device");
    await inBothSchemes(page, "studio", "no-device");
    await page.evaluate(() => {
      Object.assign(window, { isPluggedIn: true });
      navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    });
    await expect(studio.stage(page)).toHaveAttribute("data-phase", "ready");
  });
}

const t = words.en;

async function expectHelp(page: Page, words: typeof t, failure: string): Promise<void> {
  const said = words.studio.failures[failure];
  await expect(page.getByText(said?.what ?? "", { exact: true })).toBeVisible();
  await expect(page.getByText(said?.fix ?? "", { exact: true })).toBeVisible();
}

async function withBrowser(args: string[], visit: (browser: Browser) => Promise<void>) {
  const browser = await chromium.launch({ executablePath: findChromium() ?? "", args });
  try {
    await visit(browser);
  } finally {
    await browser.close();
  }
}

test("a camera that is allowed later opens the studio by itself", async ({ origin, sender }) => {
  const asking = chromiumArguments(recording, camera).filter((flag) => !flag.includes("fake-ui"));
  await withBrowser(asking, async (browser) => {
    const options = await optionsOf(sender, "en", DESKTOP);
    const context = await browser.newContext({ baseURL: origin, ...options, permissions: [] });
    const page = await context.newPage();
    await page.goto("/record");
    await button(page, t.studio.start).click();
    await expectHelp(page, t, "denied");
    await context.grantPermissions(["camera", "microphone"]);
    await expect(studio.stage(page)).toHaveAttribute("data-phase", "ready");
  });
});

test("the chosen camera is remembered, and the button turns to the other one", async ({
  origin,
  sender,
}) => {
  const two = [
    "--use-fake-device-for-media-stream=device-count=2",
    "--use-fake-ui-for-media-stream",
  ];
  await withBrowser([...QUIET, ...two], async (browser) => {
    const options = await optionsOf(sender, "en", PHONE);
    const context = await browser.newContext({ baseURL: origin, ...options });
    const page = await context.newPage();
    const cameras = page.getByRole("group", { name: t.studio.camera });
    const first = cameras.getByRole("radio").first();
    const second = cameras.getByRole("radio").nth(1);
    await studio.turnOnCamera(page, t);
    await button(page, t.studio.devices).click();
    await expect(first).toBeChecked();
    await expect(cameras.locator("video")).toHaveCount(1);
    await second.check();
    await expect(studio.stage(page)).toHaveAttribute("data-phase", "ready");
    await expect(second).toBeChecked();
    // The camera before is shown as it was last seen.
    await expect(cameras.locator("[data-remembered]")).toHaveCount(1);
    await expectAccessible(page, "the choice among two cameras");
    await keepPicture(page, "studio-cameras");
    await studio.turnOnCamera(page, t);
    await button(page, t.studio.devices).click();
    await expect(second).toBeChecked();
    await button(page, t.studio.flip).click();
    await expect(first).toBeChecked();
  });
});

test("a page that is not secure says so, and takes a file", async ({ signedIn: page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, "isSecureContext", { value: false });
  });
  await page.goto("/record");
  await expectHelp(page, t, "insecure");
  await expect(button(page, t.studio.start)).toHaveCount(0);
  await expect(button(page, t.studio.file)).toBeVisible();
  await expectAccessible(page, "the studio on a page that is not secure");
});

test("a full disk is said, and the recording goes on and arrives whole", async ({
  signedIn: page,
}) => {
  await page.addInitScript(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, key) {
      if (this.name === "chunks" && value.number >= 2) {
        throw new DOMException("The disk is full.", "QuotaExceededError");
      }
      return put.call(this, value, key);
    };
  });
  await studio.turnOnCamera(page, t);
  await studio.startRecording(page, t);
  await expect(studio.safety(page)).toHaveText(t.studio.safety.full ?? "");
  await expectAccessible(page, "recording with a full disk");
  await studio.recordUntil(page, 6);
  await studio.stop(page, t);
  await studio.isUploaded(page, t);
  await studio.send(page, t);
  expect((await messageOf(page)).duration_s).toBeGreaterThan(5);
});

test("a call pauses the take, which goes on when the speaker says so", async ({
  signedIn: page,
}) => {
  await studio.turnOnCamera(page, t);
  await studio.startRecording(page, t);
  await studio.recordUntil(page, 2);
  await studio.muteTrack(page, true);
  await expect(page.getByRole("alert")).toHaveText(t.studio.interrupted);
  await expect(studio.stage(page)).toHaveAttribute("data-phase", "paused");
  await expectAccessible(page, "the interrupted take");
  await button(page, t.studio.resume).click();
  await expect(studio.stage(page)).toHaveAttribute("data-phase", "paused");
  await studio.muteTrack(page, false);
  await expect(page.getByRole("alert")).toHaveCount(0);
  await button(page, t.studio.resume).click();
  await studio.recordUntil(page, 4);
  await studio.stop(page, t);
});

test("the keyboard alone records, pauses, goes on, starts over and stops", async ({
  signedIn: page,
}) => {
  await page.goto("/record");
  await expect(button(page, t.studio.start)).toBeVisible();
  await page.keyboard.press("r");
  await expect(studio.stage(page)).toHaveAttribute("data-phase", "ready");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: t.studio.keys })).toBeVisible();
  await expectAccessible(page, "the list of keys");
  await page.keyboard.press("r");
  await page.keyboard.press("Escape"); // the list
  await page.keyboard.press("r");
  await page.keyboard.press("Escape"); // the countdown
  await expect(studio.stage(page)).toHaveAttribute("data-phase", "ready");
  await page.keyboard.press("r");
  await page.keyboard.press("Enter");
  await studio.recordUntil(page, 2);
  await page.keyboard.press(" ");
  await expect(studio.stage(page)).toHaveAttribute("data-phase", "paused");
  await page.keyboard.press(" ");
  await studio.isRecording(page);
  await page.keyboard.press("Shift+R");
  await expect(studio.stage(page)).not.toHaveAttribute("data-phase", "recording");
  await studio.isRecording(page);
  await studio.recordUntil(page, 1);
  await page.keyboard.press("Enter");
  await studio.isReviewing(page, t);
  await expect(studio.takes(page, t)).toHaveCount(2);
});

test("a full account is said, and what the server holds can be sent", async ({
  signedIn: page,
}) => {
  const told = { type: "", title: "", status: 413, code: "too_large", detail: "" };
  const errors = [{ field: "part", code: "quota_reached", message: "", fix: "" }];
  await page.route(/\/parts\/[2-9]\?/, (route) =>
    route.fulfill({
      status: 413,
      contentType: "application/problem+json",
      body: JSON.stringify({ ...told, errors }),
    }),
  );
  await studio.turnOnCamera(page, t);
  await studio.startRecording(page, t);
  await expect(studio.safety(page)).toHaveText(t.studio.safety.serverFull ?? "", {
    timeout: 40_000,
  });
  await studio.stop(page, t);
  await expect(page.getByText(t.studio.uploadFull)).toBeVisible();
  await expectAccessible(page, "a recording for which the account has no room");
  await keepPicture(page, "studio-account-full");
  await button(page, t.studio.sendWhatFits).click();
  await studio.isUploaded(page, t);
  await studio.send(page, t);
  expect((await messageOf(page)).duration_s).toBeGreaterThan(1);
});

for (const reducedMotion of ["no-preference", "reduce"] as const) {
  test(`the script rolls only for those who want it to: ${reducedMotion}`, async ({
    signedIn: page,
  }) => {
    await page.emulateMedia({ reducedMotion });
    await studio.turnOnCamera(page, t);
    await button(page, t.studio.script).click();
    await field(page, t.studio.script).fill("One line after another.\n".repeat(60));
    await button(page, t.studio.script).click();
    await studio.startRecording(page, t);
    const script = page.getByRole("region", { name: t.studio.script });
    const place = () => script.evaluate((element) => element.scrollTop);
    if (reducedMotion === "reduce") {
      await studio.recordUntil(page, 2);
      expect(await place()).toBe(0);
      await button(page, t.studio.scriptFurther).click();
    }
    await expect.poll(place).toBeGreaterThan(5);
    await expectAccessible(page, "the script over the picture");
  });
}

test("letters typed into a field are letters", async ({ signedIn: page }) => {
  await studio.turnOnCamera(page, t);
  await button(page, t.studio.script).click();
  await field(page, t.studio.script).pressSequentially("Are you there? R");
  await expect(studio.stage(page)).toHaveAttribute("data-phase", "ready");
  await expect(field(page, t.studio.script)).toHaveValue("Are you there? R");
});

test("leaving in the middle of a take keeps it", async ({ signedIn: page }) => {
  await studio.turnOnCamera(page, t);
  await studio.startRecording(page, t);
  await studio.recordUntil(page, 3);
  await page.getByRole("link", { name: t.studio.back }).click();
  await expect(heading(page, t.studio.unsentTitle)).toBeVisible();
  await button(page, t.common.delete).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(t.studio.discardText)).toBeVisible();
  await dialog.getByRole("button", { name: t.common.delete, exact: true }).click();
  await expect(heading(page, t.studio.unsentTitle)).toHaveCount(0);
});

test("signing out asks before it takes an unsent recording along", async ({ newcomer }) => {
  const page = await newcomer({ locale: "en-US" });
  const account = somebody("Anna");
  await signUp(page, t, account);
  await studio.turnOnCamera(page, t);
  await studio.startRecording(page, t);
  await studio.recordUntil(page, 2);
  await page.getByRole("link", { name: t.studio.back }).click();
  await expect(heading(page, t.studio.unsentTitle)).toBeVisible();
  await page.getByRole("link", { name: t.nav.account }).click();
  await button(page, t.account.signOut).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(t.account.unsentText)).toBeVisible();
  await dialog.getByRole("button", { name: t.account.signOut, exact: true }).click();
  await field(page, t.sign.email).fill(account.email);
  await field(page, t.sign.password).fill(account.password);
  await button(page, t.sign.in).click();
  await expect(heading(page, t.messages.title)).toBeVisible();
  await expect(heading(page, t.studio.unsentTitle)).toHaveCount(0);
});

test("a sent recording is watchable at once, and never changed under a viewer", async ({
  signedIn: page,
}) => {
  await studio.turnOnCamera(page, t);
  await studio.startRecording(page, t);
  await studio.recordUntil(page, 3);
  await studio.stop(page, t);
  await studio.isUploaded(page, t);
  await studio.send(page, t);
  const source = () => page.locator("video").getAttribute("src");
  expect(await source()).toContain("/stream");
  await bigPlay(page).click();
  await expect.poll(() => playedS(page)).toBeGreaterThan(0.2);
  await page.keyboard.press("k");
  await expect.poll(async () => (await messageOf(page)).state, { timeout: 60_000 }).toBe("ready");
  await expect(button(page, t.ready.edit)).toBeVisible();
  expect(await source()).toContain("/stream");
  await page.reload();
  await expect(page.locator("video")).toHaveAttribute("src", /\/video$/);
});
