/** Brings the reader of a form to the first field with a problem. */

import { type RefObject, useCallback, useEffect, useState } from "react";

/**
 * Go to the first marked field whenever the server has refused (`refusal`), and when the returned
 * function is called together with what marks it.
 *
 * In effects, since only after them is the mark on the screen.
 */
export function useFirstProblem(
  form: RefObject<HTMLFormElement | null>,
  refusal: unknown,
): () => void {
  const [calls, setCalls] = useState(0);
  useEffect(() => {
    if (calls > 0) focusFirstMarked(form.current);
  }, [form, calls]);
  useEffect(() => {
    if (refusal) focusFirstMarked(form.current);
  }, [form, refusal]);
  return useCallback(() => setCalls((count) => count + 1), []);
}

function focusFirstMarked(form: HTMLFormElement | null): void {
  const marked = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
  const control = marked?.matches("input, textarea, select, button")
    ? marked
    : marked?.querySelector<HTMLElement>("input, button");
  control?.focus();
  marked?.scrollIntoView({ block: "center" });
}
