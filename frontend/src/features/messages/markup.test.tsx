import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { LanguageProvider } from "../../i18n";
import { en } from "../../i18n/en";
import { Problem, wordsFor } from "../../lib/problems";
import { ScriptField } from "../../ui/ScriptField";
import { plainText, SentenceText } from "./SentenceText";
import { isOfScript } from "./sentencesQuery";

const part = (text: string, is_stressed = false, pause_s: number | null = null) => ({
  text,
  is_stressed,
  pause_s,
});

function Held() {
  const [script, setScript] = useState("So very proud.");
  return (
    <ScriptField
      value={script}
      language="en"
      problem={undefined}
      onValue={setScript}
      onLanguage={() => undefined}
    />
  );
}

const show = (what: React.ReactNode) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LanguageProvider initial="en">{what}</LanguageProvider>
    </QueryClientProvider>,
  );

test("buttons and keys put the signs where the cursor is", async () => {
  show(<Held />);
  const user = userEvent.setup();
  const script = screen.getByLabelText<HTMLTextAreaElement>(en.compose.script);
  script.focus();
  script.setSelectionRange(3, 7);
  fireEvent.keyDown(script, { key: "b", ctrlKey: true });
  expect(script.value).toBe("So *very* proud.");
  expect(script.value.slice(script.selectionStart, script.selectionEnd)).toBe("very");
  script.setSelectionRange(9, 9);
  await user.click(screen.getByRole("button", { name: en.markup.pause }));
  expect(script.value).toBe("So *very*[0.5] proud.");
  expect(document.activeElement).toBe(script);
});

test("a sentence shows its stress and its silences, and is named without its signs", () => {
  const parts = [part("So "), part("very", true), part("", false, 0.5), part(" proud.")];
  show(<SentenceText parts={parts} />);
  expect(screen.getByText("very").tagName).toBe("EM");
  expect(screen.getByText(en.sentences.pauseOf("0.5"))).toBeTruthy();
  expect(plainText(parts)).toBe("So very proud.");
});

test("a sign that can't be followed is told with its sentence and place", () => {
  const error = { field: "script", code: "markup_unclosed", message: "", fix: "" };
  const placed = { ...error, sentence: "So *proud.", at: 4 };
  const { what } = wordsFor(en, placed.code, placed);
  expect(what).toBe(en.markup.atPlace("So *proud.", 4, en.problems.markup_unclosed.what));
  expect(isOfScript(new Problem("markup_unclosed", 422, "", [placed]))).toBe(true);
  expect(isOfScript(new Problem("speech_unavailable", 503, "", []))).toBe(false);
});
