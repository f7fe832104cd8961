/** A reply in words. */

import "./reply.css";
import { element } from "../../player/elements";
import type { ReplyOptions, ReplyRoom } from "../replyWays";
import { nameField, refusalWords, showSent } from "./sent";
import { type ReplyTexts, replyTexts } from "./texts";

const LONGEST = 2000;
/** The count is of interest near the end only. */
const COUNT_FROM = 200;

/** A field for the reply, the name, and the button that sends both. */
export function writeLetter(options: ReplyOptions): ReplyRoom {
  const texts = replyTexts[options.locale];
  const field = textField(texts);
  const name = nameField(options);
  const problem = element("p", { id: "reply-problem", class: "problem", role: "alert" });
  const send = element("button", { type: "submit", class: "button is-main" }, texts.send);
  const cancel = element("button", { type: "button", class: "button" }, texts.cancel);
  const buttons = element("div", { class: "buttons" }, send, cancel);
  const root = element("form", { class: "letter", novalidate: true });
  root.append(field.root, name.root, problem, buttons);

  const refuse = (words: string | null): void => {
    problem.textContent = words ?? "";
    field.input.focus();
  };
  cancel.addEventListener("click", options.onDone);
  root.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.getAttribute("aria-disabled") === "true") return;
    const text = field.input.value.trim();
    if (text === "") return refuse(texts.empty);
    if (lengthOf(text) > LONGEST) return refuse(texts.left(LONGEST - lengthOf(text)));
    setSending(send, true, texts);
    try {
      await options.calls.reply({ name: name.value(), text });
      showSent(root, options);
    } catch (refusal) {
      setSending(send, false, texts);
      refuse(refusalWords(refusal, options));
    }
  });
  return { root, focus: () => field.input.focus(), leave: () => undefined };
}

/** Characters as the backend counts them: whole ones, not halves of emoji. */
const lengthOf = (text: string): number => [...text].length;

function textField(texts: ReplyTexts): { root: HTMLElement; input: HTMLTextAreaElement } {
  const input = element("textarea", {
    id: "reply-text",
    class: "field",
    rows: "4",
    "aria-describedby": "reply-count reply-problem",
  });
  const count = element("p", { id: "reply-count", class: "quiet count" });
  input.addEventListener("input", () => {
    const left = LONGEST - lengthOf(input.value.trim());
    count.textContent = left <= COUNT_FROM ? texts.left(left) : "";
    if (left < 0) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  });
  const label = element("label", { for: "reply-text" }, texts.text);
  return { root: element("div", { class: "field-group" }, label, input, count), input };
}

function setSending(send: HTMLButtonElement, isSending: boolean, texts: ReplyTexts): void {
  send.setAttribute("aria-disabled", String(isSending));
  send.textContent = isSending ? texts.sending : texts.send;
}
