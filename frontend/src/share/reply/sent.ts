/** The end of every reply: it was sent, or why not. */

import { element } from "../../player/elements";
import { closedBy, Refusal } from "../calls";
import type { ReplyOptions } from "../replyWays";
import { shareTexts } from "../texts";
import { wordsOf } from "../words";
import { replyTexts } from "./texts";

/** Say that the reply was sent, in the place of what it was made with. */
export function showSent(root: HTMLElement, options: ReplyOptions): void {
  const texts = replyTexts[options.locale];
  const title = element("h3", { tabindex: "-1", class: "sent-title" }, texts.sent);
  const another = element("button", { type: "button", class: "button" }, texts.another);
  another.addEventListener("click", options.onDone);
  root.replaceChildren(title, element("p", { class: "quiet" }, texts.sentWords), another);
  title.focus();
}

/** What to say about a reply that was refused; null where the whole link is closed. */
export function refusalWords(refusal: unknown, options: ReplyOptions): string | null {
  const texts = replyTexts[options.locale];
  const closed = closedBy(refusal);
  if (closed) {
    options.onClosed(closed);
    return null;
  }
  if (!(refusal instanceof Refusal)) return texts.refused;
  if (refusal.status === 0 || refusal.status === 429 || refusal.code === "admission_needed")
    return wordsOf(refusal, shareTexts[options.locale]);
  if (refusal.code === "replies_off") return texts.off;
  if (refusal.status === 409) return texts.full;
  if (refusal.code === "quota_reached") return texts.noRoom;
  if (refusal.status === 413 || refusal.code === "media_too_long") return texts.tooLarge;
  return texts.refused;
}

/** The field for a name, which may stay empty. */
export function nameField(options: ReplyOptions): {
  root: HTMLElement;
  value: () => string | null;
} {
  const texts = replyTexts[options.locale];
  const input = element("input", {
    id: "reply-name",
    class: "field",
    maxlength: "100",
    autocomplete: "name",
  });
  const hint = element("span", { class: "quiet" }, ` (${texts.nameHint})`);
  const label = element("label", { for: "reply-name" }, texts.name, hint);
  const root = element("div", { class: "field-group" }, label, input);
  return { root, value: () => input.value.trim() || null };
}
