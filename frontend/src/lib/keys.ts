/** Which keys a page with keys of its own may take. */

/** The part of a `KeyboardEvent` that decides. */
export interface Pressed {
  key: string;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  repeat: boolean;
}

/** Whether the page may heed the key; one that is held down must not start and stop a dozen times. */
export const isOurs = (pressed: Pressed): boolean =>
  !(pressed.altKey || pressed.ctrlKey || pressed.metaKey || pressed.repeat);

const TYPED_INTO =
  "input:not([type=checkbox]):not([type=radio]):not([type=range]):not([type=file]), textarea, [contenteditable=true]";
const PRESSED_ON = "button, a[href], select, summary, input";

/** Whether the focused element itself needs the key: letters in fields, Space and Enter on buttons. */
export function belongsToElement(key: string, element: Element | null): boolean {
  if (!element) return false;
  if (element.closest("dialog") || element.matches(TYPED_INTO)) return true;
  // A list takes letters to jump by; a player has keys of its own.
  if (element.matches("select") || element.closest(".vm-player")) return true;
  return (key === " " || key === "Enter") && element.matches(PRESSED_ON);
}
