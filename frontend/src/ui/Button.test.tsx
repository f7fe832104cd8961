import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Button } from "./Button";

test("a button says that it can do nothing now, by itself or while it is busy", () => {
  render(
    <>
      <Button aria-disabled>Undo</Button>
      <Button busy>Send</Button>
      <Button>Copy</Button>
    </>,
  );
  const saysSo = (name: string) =>
    screen.getByRole("button", { name }).getAttribute("aria-disabled");
  expect(["Undo", "Send", "Copy"].map(saysSo)).toEqual(["true", "true", null]);
});
