import { describe, expect, test } from "vitest";
import type { Theme } from "../../../lib/api";
import { BLANK } from "../draft";
import { themeChanges } from "./theme";

const BIRTHDAY: Theme = {
  id: "birthday",
  name: { ja: "誕生日", en: "Birthday" },
  accent: "#ffc94d",
  shade: "#7a2e5d",
  ornament: "confetti",
  title: { ja: "お誕生日おめでとう", en: "Happy birthday" },
  closing: { ja: "よい一年を", en: "Have a wonderful year" },
  music: "music_box",
  waveform: "ring",
};
const FAREWELL: Theme = {
  ...BIRTHDAY,
  id: "farewell",
  title: { ja: "お世話になりました", en: "Fare well" },
  closing: { ja: "また会う日まで", en: "Until we meet again" },
  music: "slow_sunset",
  waveform: "none",
};

describe("choosing an occasion", () => {
  test("brings its words in the message's language, its music and its waveform", () => {
    expect(themeChanges(BLANK, null, BIRTHDAY)).toEqual({
      theme: "birthday",
      title_card: "お誕生日おめでとう",
      closing_card: "よい一年を",
      music_track: "music_box",
      waveform: "ring",
    });
    const english = themeChanges({ ...BLANK, language: "en" }, null, BIRTHDAY);
    expect(english.title_card).toBe("Happy birthday");
  });

  test("changes what the one before had brought, and leaves what somebody wrote", () => {
    const chosen = { ...BLANK, ...themeChanges(BLANK, null, BIRTHDAY), title_card: "みあちゃんへ" };
    expect(themeChanges(chosen, BIRTHDAY, FAREWELL)).toEqual({
      theme: "farewell",
      closing_card: "また会う日まで",
      music_track: "slow_sunset",
      waveform: "none",
    });
  });

  test("leaves music of one's own, a track chosen by hand and silence chosen by hand", () => {
    const own = { ...BLANK, music_upload_id: "upl_1" };
    expect(themeChanges(own, null, BIRTHDAY)).not.toHaveProperty("music_track");
    const other = { ...BLANK, theme: "birthday", music_track: "warm_keys" };
    expect(themeChanges(other, BIRTHDAY, FAREWELL)).not.toHaveProperty("music_track");
    const none = { ...BLANK, theme: "birthday", music_track: null };
    expect(themeChanges(none, BIRTHDAY, FAREWELL)).not.toHaveProperty("music_track");
  });

  test("none takes everything away that it had brought", () => {
    const chosen = { ...BLANK, ...themeChanges(BLANK, null, BIRTHDAY) };
    const without = { ...chosen, ...themeChanges(chosen, BIRTHDAY, null) };
    expect(without).toEqual(BLANK);
  });
});
