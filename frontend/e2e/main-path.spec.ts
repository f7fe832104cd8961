/** From nothing to a video that somebody else watches, in both languages. */

import { expectAccessible } from "./accessible";
import { somebody } from "./api";
import { each } from "./looks";
import { DESKTOP, expect, keepPictures, PHONE, test } from "./scene";
import {
  button,
  choosePhoto,
  chooseRecording,
  field,
  finishVoice,
  type Language,
  makeLink,
  photoShown,
  signUp,
  titleField,
  watchProgress,
  words,
} from "./sender";
import { noteCaptions, startWatching, watchToTheEnd } from "./watching";

const stories: Record<Language, { name: string; title: string; script: string; mark: string }> = {
  en: {
    name: "Anna Berg",
    title: "For Tom",
    script: "Happy birthday, Tom. See you on Sunday!",
    mark: "Happy birthday",
  },
  ja: {
    name: "山田 花子",
    title: "おばあちゃんへ",
    script: "お誕生日おめでとう。来年も一緒にお祝いしようね。",
    mark: "お誕生日",
  },
};

for (const language of ["en", "ja"] as const) {
  test(`sign up, make a voice, write, watch, share: ${language}`, async ({ newcomer }) => {
    test.setTimeout(150_000);
    const t = words[language];
    const story = stories[language];
    const locale = language === "ja" ? "ja-JP" : "en-US";
    const page = await newcomer({ locale, permissions: ["microphone", "clipboard-write"] });
    await signUp(page, t, somebody(story.name));
    await keepPictures(page, `empty-${language}`);
    await expectAccessible(page, "the first message's invitation");

    await page.goto("/voices");
    await page.getByRole("link", { name: t.voices.add }).click();
    await chooseRecording(page, t);
    await keepPictures(page, `voice-sample-${language}`);
    await finishVoice(page, t, story.name);
    await keepPictures(page, `voice-made-${language}`);
    await expectAccessible(page, "the voice that was just made");

    await page.getByRole("link", { name: t.voices.toMessage }).click();
    await choosePhoto(page, t);
    await expect(photoShown(page, t)).toBeVisible();
    await titleField(page, t).fill(story.title);
    await field(page, t.compose.script).fill(story.script);
    await expect(page.getByRole("radio", { name: story.name })).toBeChecked();
    await keepPictures(page, `compose-${language}`);
    await expectAccessible(page, "the written message");
    await watchProgress(page, t, () => button(page, t.compose.render).click());
    await keepPictures(page, `ready-${language}`);
    await expectAccessible(page, "the finished message");

    // On this computer alone: the page says so and offers the video itself.
    await expect(page.getByText(t.ready.loopbackTitle)).toBeVisible();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: t.ready.download, exact: true }).click();
    expect((await download).suggestedFilename()).toBe(`${story.title}.mp4`);

    const link = await makeLink(page, t);
    await expectAccessible(page, "the message with its link");
    for (const viewport of each([PHONE, DESKTOP], language === "en" ? DESKTOP : PHONE)) {
      const recipient = await newcomer({ locale, viewport });
      await recipient.goto(link);
      const captions = await noteCaptions(recipient);
      await startWatching(recipient);
      await watchToTheEnd(recipient);
      await expectAccessible(recipient, "the end of the video");
      expect(await captions()).toContain(story.mark);
    }
  });
}
