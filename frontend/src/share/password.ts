/** The form before a message that is protected by a password. */

import { element } from "../player/elements";
import type { PlayerLocale } from "../player/labels";
import { type Calls, closedBy, Refusal } from "./calls";
import { replaceByClosed } from "./closed";
import { type ShareTexts, shareTexts } from "./texts";
import { languageSwitch, nameDocument, outline, wordsOf } from "./words";

const LOCK = ["M7.5 11V8a4.5 4.5 0 0 1 9 0v3", "M5.5 11h13v9.5h-13z", "M12 14.5v2.5"];

/** Ask for the password; `onOpen` follows when it was the right one. */
export function askPassword(
  page: HTMLElement,
  locale: PlayerLocale,
  calls: Pick<Calls, "unlock">,
  onOpen: () => void,
): void {
  const texts = shareTexts[locale];
  nameDocument(texts.password.title, locale);
  const form = passwordForm(texts);
  const head = element("div", { class: "gone" }, outline(...LOCK));
  head.append(element("h1", {}, texts.password.title), element("p", {}, texts.password.words));
  page.replaceChildren(head, form.root, languageSwitch(locale, texts));
  form.root.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.isBusy()) return;
    if (form.input.value === "") return form.refuse(texts.password.empty);
    form.setBusy(true);
    try {
      await calls.unlock(form.input.value);
      onOpen();
    } catch (refusal) {
      form.setBusy(false);
      const closed = closedBy(refusal);
      if (closed) replaceByClosed(page, closed, locale);
      else form.refuse(reasonOf(refusal, texts));
    }
  });
}

function reasonOf(refusal: unknown, texts: ShareTexts): string {
  const isWrong = refusal instanceof Refusal && refusal.status === 403;
  return isWrong ? texts.password.wrong : wordsOf(refusal, texts);
}

interface PasswordForm {
  root: HTMLFormElement;
  input: HTMLInputElement;
  isBusy: () => boolean;
  setBusy: (isBusy: boolean) => void;
  /** Say what is wrong, with the keyboard where it can be mended. */
  refuse: (reason: string) => void;
}

function passwordForm(texts: ShareTexts): PasswordForm {
  const input = element("input", {
    id: "password",
    type: "password",
    name: "password",
    class: "field",
    autocomplete: "current-password",
    maxlength: "200",
    "aria-describedby": "password-problem",
  });
  const problem = element("p", { id: "password-problem", class: "problem", role: "alert" });
  const shown = element("input", { type: "checkbox", id: "password-shown" });
  shown.addEventListener("change", () => {
    input.type = shown.checked ? "text" : "password";
  });
  const open = element("button", { type: "submit", class: "button is-main" }, texts.password.open);
  const root = element(
    "form",
    { class: "password", novalidate: true },
    element("label", { for: "password" }, texts.password.label),
    input,
    problem,
    element("label", { class: "tick" }, shown, texts.password.show),
    open,
  );
  return {
    root,
    input,
    isBusy: () => open.getAttribute("aria-disabled") === "true",
    setBusy: (isBusy) => open.setAttribute("aria-disabled", String(isBusy)),
    refuse(reason) {
      problem.textContent = reason;
      input.setAttribute("aria-invalid", "true");
      input.focus();
      input.select();
    },
  };
}
