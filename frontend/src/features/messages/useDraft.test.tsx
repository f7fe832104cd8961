import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { LanguageProvider } from "../../i18n";
import { en } from "../../i18n/en";
import type { Message } from "../../lib/api";
import { server } from "../../test/setup";
import { BLANK } from "./draft";
import { UndoButtons } from "./UndoButtons";
import { useDraft } from "./useDraft";

const MESSAGE = { id: "msg_1", revision: "r0", ...BLANK, script: "Hello" } as unknown as Message;

function Form() {
  const draft = useDraft(MESSAGE, BLANK, () => undefined);
  const { content, change, fill } = draft;
  return (
    <>
      <textarea
        aria-label="script"
        value={content.script}
        onChange={(event) => change({ script: event.target.value })}
      />
      <button type="button" onClick={() => change({ photo_upload_id: "upl_1" })}>
        add
      </button>
      <button type="button" onClick={() => fill({ voice: "v" })}>
        fill
      </button>
      <UndoButtons steps={draft.steps} onStep={draft.step} />
      <output>{content.photo_upload_id ?? "none"}</output>
    </>
  );
}

let saved: Record<string, unknown>;
beforeEach(() => {
  saved = {};
  let changes = 0;
  server.use(
    http.patch("*/api/v1/messages/msg_1", async ({ request }) => {
      expect(request.headers.get("If-Match")).toBe(`"r${changes}"`);
      changes += 1;
      saved = { ...saved, ...((await request.json()) as object) };
      return HttpResponse.json({ ...MESSAGE, ...saved, revision: `r${changes}` });
    }),
  );
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LanguageProvider>
        <Form />
      </LanguageProvider>
    </QueryClientProvider>,
  );
});

const script = () => screen.getByRole<HTMLTextAreaElement>("textbox");

test("keys take back and do again, the focus stays, and the caret is where it changed", async () => {
  const user = userEvent.setup();
  await user.click(script());
  script().setSelectionRange(0, 0);
  await user.keyboard("Oh! ");
  expect(script().value).toBe("Oh! Hello");
  await user.keyboard("{Control>}z{/Control}");
  expect(script().value).toBe("Hello");
  expect(document.activeElement).toBe(script());
  expect(script().selectionStart).toBe(0);
  expect(screen.getByText(en.undo.undone("words changed"))).toBeTruthy();
  await user.keyboard("{Control>}y{/Control}");
  expect([script().value, script().selectionStart]).toEqual(["Oh! Hello", 4]);
  await user.keyboard("{Meta>}z{/Meta}{Meta>}{Shift>}z{/Shift}{/Meta}");
  expect(script().value).toBe("Oh! Hello");
});

test("each step says what it undoes, and what nobody chose is none", async () => {
  const user = userEvent.setup();
  const undo = () => screen.getByRole("button", { name: new RegExp(`^${en.undo.undo}`) });
  expect(undo().getAttribute("aria-disabled")).toBe("true");
  await user.click(screen.getByText("fill"));
  expect(undo().getAttribute("aria-disabled")).toBe("true");
  await user.click(screen.getByText("add"));
  expect(undo().getAttribute("aria-label")).toBe("Undo: photo added");
  await user.click(undo());
  expect(screen.getByText(en.undo.undone(en.undo.photoAdded))).toBeTruthy();
  expect(screen.getByText("none")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Redo: photo added" }));
  expect(screen.getByText("upl_1")).toBeTruthy();
});

test("the browser's own undo is ours, and keys of what is being composed are not", () => {
  fireEvent.change(script(), { target: { value: "Hello you" } });
  fireEvent.keyDown(script(), { key: "z", ctrlKey: true, isComposing: true });
  expect(script().value).toBe("Hello you");
  const command = new InputEvent("beforeinput", {
    inputType: "historyUndo",
    bubbles: true,
    cancelable: true,
  });
  fireEvent(script(), command);
  expect([command.defaultPrevented, script().value]).toEqual([true, "Hello"]);
});
