import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { en } from "../i18n/en";
import type { Word } from "../lib/api";
import { API, signedInAs } from "../test/account";
import { server } from "../test/setup";
import { App, assemble } from "./App";

let words: Word[];
let refusal: object | null;

beforeEach(() => {
  localStorage.setItem("language", "en");
  words = [];
  refusal = null;
  server.use(
    signedInAs(),
    http.get(`${API}/words`, () => HttpResponse.json({ items: words })),
    http.post(`${API}/words`, async ({ request }) => {
      if (refusal) return HttpResponse.json(refusal, { status: 422 });
      const body = (await request.json()) as Pick<Word, "surface" | "kana">;
      words = [
        { id: "wrd_1", revision: "r1", created_at: "2026-01-01T00:00:00Z", ...body },
        ...words,
      ];
      return HttpResponse.json(words[0], { status: 201 });
    }),
    http.delete(`${API}/words/wrd_1`, () => {
      words = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

async function open() {
  render(<App {...assemble(createMemoryHistory({ initialEntries: ["/words"] }))} />);
  await screen.findByText(en.words.none);
  return userEvent.setup();
}

test("a word is added, listed and deleted", async () => {
  const user = await open();
  await user.type(screen.getByLabelText(en.words.surface), "東海林");
  await user.type(screen.getByLabelText(en.words.kana), "ショ'ージ");
  await user.click(screen.getByRole("button", { name: en.words.save }));
  expect(await screen.findByText(en.words.saved)).toBeTruthy();
  expect(screen.getByText("東海林")).toBeTruthy();
  expect((screen.getByLabelText(en.words.surface) as HTMLInputElement).value).toBe("");
  await user.click(screen.getByRole("button", { name: en.words.remove("東海林") }));
  expect(await screen.findByText(en.words.none)).toBeTruthy();
});

test("what cannot be read is told while it is typed, and not sent", async () => {
  const user = await open();
  await user.type(screen.getByLabelText(en.words.surface), "東海林");
  await user.type(screen.getByLabelText(en.words.kana), "Shoji");
  expect(screen.getByText(en.problems.reading_letter_unknown.what)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: en.words.save }));
  expect(document.activeElement).toBe(screen.getByLabelText(en.words.kana));
  expect(words).toEqual([]);
});

test("what the server refuses is told beside its field, and what was typed stays", async () => {
  const error = { field: "surface", code: "word_known", message: "", fix: "" };
  refusal = { code: "word_known", detail: "", errors: [error] };
  const user = await open();
  await user.type(screen.getByLabelText(en.words.surface), "東海林");
  await user.type(screen.getByLabelText(en.words.kana), "ショージ");
  await user.click(screen.getByRole("button", { name: en.words.save }));
  expect(await screen.findByText(en.problems.word_known.what)).toBeTruthy();
  expect((screen.getByLabelText(en.words.surface) as HTMLInputElement).value).toBe("東海林");
});
