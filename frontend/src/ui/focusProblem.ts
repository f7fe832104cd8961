/** Bring the reader to the first marked place of a form, once it is on the screen. */
export function focusFirstProblem(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => {
    const marked = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
    const control = marked?.matches("input, textarea, select, button")
      ? marked
      : marked?.querySelector<HTMLElement>("input, button");
    control?.focus();
    marked?.scrollIntoView({ block: "center" });
  });
}
