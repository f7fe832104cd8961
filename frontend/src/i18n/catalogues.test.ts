import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { catalogues, detectLocale } from ".";
import { en } from "./en";
import { formatsFor } from "./formats";
import { ja } from "./ja";

/** Every place of a catalogue with what stands there: `text`, or a function's number of parameters. */
function places(branch: unknown, path = ""): Record<string, string> {
  if (typeof branch === "string") return { [path]: branch.trim() ? "text" : "EMPTY" };
  if (typeof branch === "function") return { [path]: "function" };
  return Object.assign(
    {},
    ...Object.entries(branch as object).map(([key, below]) => places(below, `${path}.${key}`)),
  );
}

test("both catalogues say the same things, and leave none empty", () => {
  expect(places(ja)).toEqual(places(en));
  expect(Object.values(places(en))).not.toContain("EMPTY");
});

test("functions use everything that they are given", () => {
  for (const catalogue of [en, ja]) {
    expect(catalogue.newVoice.chosen("voice.wav", "3 MB")).toContain("voice.wav");
    expect(catalogue.newVoice.consentText("Anna")).toContain("Anna");
    expect(catalogue.progress.announce("stage", "42")).toMatch(/stage.*42/);
  }
});

describe("problem codes", () => {
  const repository = resolve(import.meta.dirname, "../../..");

  function pythonFiles(folder: string): string[] {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".py"))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/\/(tests\w*|bench|demo)\//.test(path));
  }

  /** The codes that the two services give to a problem or to one of its fields. */
  function codesInUse(): Set<string> {
    const patterns = [
      /\bcode(?:: ClassVar\[str\])? = "([a-z_]+)"/g,
      /(?:\.field|FieldError|SampleRejected|MediaRejected)\(\s*(?:[\w.]+|"[^"]*"),\s*"([a-z]+_[a-z_]+)"/g,
      /(?:SampleRejected|MediaRejected)\(\s*"([a-z]+_[a-z_]+)"/g,
    ];
    const found = new Set<string>();
    for (const service of ["backend", "openvoice_service"]) {
      for (const path of pythonFiles(join(repository, service))) {
        const source = readFileSync(path, "utf8");
        for (const pattern of patterns) {
          for (const match of source.matchAll(pattern)) found.add(match[1] ?? "");
        }
      }
    }
    return found;
  }

  test("each code that the services use is put into words", () => {
    const codes = codesInUse();
    expect(codes.size).toBeGreaterThan(20);
    const unknown = [...codes].filter((code) => !(code in en.problems));
    expect(unknown).toEqual([]);
  });

  const CONTRACT =
    "script_empty script_too_long script_unspeakable language_unknown voice_unknown aspect_unknown sample_silent sample_too_short sample_clipped sample_noisy sample_is_video consent_missing media_unreadable media_too_large media_truncated media_type_mismatch photo_too_large photo_unsupported upload_incomplete upload_checksum not_found unauthorized wrong_credentials rate_limited invitation_invalid email_taken password_too_short conflict_state origin_forbidden speech_unavailable internal validation";

  test.each(CONTRACT.split(" "))("%s has words and a fix in both languages", (code) => {
    for (const { problems } of Object.values(catalogues)) {
      const words = (problems as Record<string, { what: string; fix: string }>)[code];
      expect(words?.what).toBeTruthy();
      expect(words?.fix).toBeTruthy();
    }
  });
});

describe("detectLocale", () => {
  test.each([
    ["what was chosen here wins", "ja", ["en-US"], "ja"],
    ["else the browser's first language that we speak", null, ["fr-FR", "ja-JP", "en"], "ja"],
    ["else English", null, ["de"], "en"],
    ["a broken note is no choice", "xx", ["ja"], "ja"],
  ])("%s", (_name, stored, browser, expected) => {
    expect(detectLocale(stored, browser)).toBe(expected);
  });
});

describe("formatsFor", () => {
  const english = formatsFor("en");
  test.each([
    [0.2, "1 second"],
    [45, "45 seconds"],
    [60, "1 minute"],
    [95, "1 minute 35 seconds"],
    [400, "7 minutes"],
  ])("%d seconds read as %s", (seconds, words) => {
    expect(english.length(seconds)).toBe(words);
  });

  test("writes Japanese lengths without gaps", () => {
    expect(formatsFor("ja").length(4)).toBe("4秒");
    expect(formatsFor("ja").length(95)).toBe("1分35秒");
    const now = Date.parse("2026-03-10T12:00:00Z");
    expect(formatsFor("ja").ago("2026-03-10T11:15:00Z", now)).toBe("45分前");
  });

  test("says how long ago, and the day when that is long", () => {
    const now = Date.parse("2026-03-10T12:00:00Z");
    expect(english.ago("2026-03-10T11:59:40Z", now)).toBe("now");
    expect(english.ago("2026-03-10T11:15:00Z", now)).toBe("45 minutes ago");
    expect(english.ago("2026-03-09T11:00:00Z", now)).toBe("yesterday");
    expect(english.ago("2026-02-01T11:00:00Z", now)).toContain("February 1");
  });

  test("counts a clock like a player: 4.9 seconds are still 0:04", () => {
    expect(english.clock(4.9)).toBe("0:04");
    expect(english.clock(65)).toBe("1:05");
  });

  test("cuts to the tenth of a second, rounded over a minute's end", () => {
    expect(english.tenths(3.24)).toBe("0:03.2");
    expect(english.tenths(59.96)).toBe("1:00.0");
    expect(english.tenths(65.3)).toBe("1:05.3");
  });
});
