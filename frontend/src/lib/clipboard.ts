/**
 * Copy a text that is still on its way. Safari lets a page write to the clipboard only within the
 * click itself, but it takes a promise of what to write.
 */
export async function copyText(text: string | Promise<string>): Promise<void> {
  if (typeof ClipboardItem !== "undefined" && navigator.clipboard?.write) {
    try {
      const words = Promise.resolve(text).then(
        (known) => new Blob([known], { type: "text/plain" }),
      );
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": words })]);
      return;
    } catch {
      // some browsers take no promise here: the plain way may still work
    }
  }
  const known = await text;
  if (navigator.clipboard?.writeText) await navigator.clipboard.writeText(known);
  else copyFromPage(known);
}

/** Over plain http there is no clipboard to write to; what is marked on the page can be copied. */
function copyFromPage(text: string): void {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "sr-only";
  const focused = document.activeElement;
  document.body.append(field);
  field.focus({ preventScroll: true });
  field.select();
  const isCopied = document.execCommand?.("copy") ?? false;
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  if (!isCopied) throw new DOMException("No clipboard", "NotAllowedError");
}
