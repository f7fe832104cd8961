import { describe, expect, test } from "vitest";
import { en } from "../i18n/en";
import { ja } from "../i18n/ja";
import { asProblem, Problem, problemFrom, problemWords, sortByField, wordsFor } from "./problems";

const fieldError = (field: string, code: string) => ({
  field,
  code,
  message: "Told in English.",
  fix: "Mend it.",
});

describe("problemFrom", () => {
  test("takes a problem document at its word", () => {
    const problem = problemFrom(422, {
      code: "script_empty",
      detail: "The script is empty.",
      errors: [fieldError("script", "script_empty"), "nonsense"],
      trace_id: "abc",
    });
    expect(problem).toMatchObject({ code: "script_empty", status: 422, traceId: "abc" });
    expect(problem.errors).toHaveLength(1);
    expect(problem.isPassing).toBe(false);
  });

  test("a proxy's own 502 means that the server is not there", () => {
    expect(problemFrom(502, null)).toMatchObject({ code: "network", isPassing: true });
  });

  test("anything else that is no problem document counts by its status", () => {
    expect(problemFrom(418, "<html>")).toMatchObject({ code: "http", status: 418 });
  });

  test.each([429, 500, 503])("%d is worth another try", (status) => {
    expect(problemFrom(status, { code: "x" }).isPassing).toBe(true);
  });
});

test("asProblem takes a failed fetch for a lost connection", () => {
  expect(asProblem(new TypeError("Failed to fetch")).code).toBe("network");
  expect(asProblem(new RangeError("a bug")).code).toBe("internal");
});

describe("words", () => {
  test("a known code speaks the reader's language", () => {
    expect(wordsFor(ja, "script_empty").what).toBe(ja.problems.script_empty.what);
  });

  test("an unknown one falls back to what the server said", () => {
    const words = wordsFor(ja, "brand_new", fieldError("script", "brand_new"));
    expect(words).toEqual({ what: "Told in English.", fix: "Mend it." });
    expect(problemWords(ja, new Problem("brand_new", 422, "Told.")).what).toBe("Told.");
  });
});

describe("sortByField", () => {
  const fields = { script: "script", photo_upload_id: "photo" } as const;

  test("puts each error beside its field, by the form's own names", () => {
    const problem = new Problem("script_empty", 422, "", [
      fieldError("script", "script_empty"),
      fieldError("photo_upload_id", "photo_missing"),
    ]);
    const told = sortByField(en, problem, fields);
    expect(told.fields.script).toEqual(en.problems.script_empty);
    expect(told.fields.photo).toEqual(en.problems.photo_missing);
    expect(told.rest).toBeNull();
  });

  test("a path below a field belongs to the field", () => {
    const problem = new Problem("validation", 422, "", [fieldError("script.0", "string_too_long")]);
    expect(sortByField(en, problem, fields).fields.script).toEqual(en.problems.string_too_long);
  });

  test("the first error of a field is the one to mend", () => {
    const problem = new Problem("script_empty", 422, "", [
      fieldError("script", "script_empty"),
      fieldError("script", "script_too_long"),
    ]);
    expect(sortByField(en, problem, fields).fields.script).toEqual(en.problems.script_empty);
  });

  test("what belongs to no field is told for the whole form, never dropped", () => {
    const elsewhere = new Problem("x", 422, "", [fieldError("other", "media_unreadable")]);
    expect(sortByField(en, elsewhere, fields).rest).toEqual(en.problems.media_unreadable);
    const bare = new Problem("speech_unavailable", 503, "");
    expect(sortByField(en, bare, fields).rest).toEqual(en.problems.speech_unavailable);
  });
});
