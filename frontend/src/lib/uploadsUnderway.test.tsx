import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, test, vi } from "vitest";
import { UploadsUnderway, useAfterUploads, useNoteUpload } from "./uploadsUnderway";

function File({ name }: { name: string }) {
  const [isSending, setSending] = useState(false);
  useNoteUpload(isSending);
  return (
    <button type="button" onClick={() => setSending(!isSending)}>
      {name}
    </button>
  );
}

function Form({ start }: { start: () => void }) {
  const { note, isAwaiting, begin } = useAfterUploads(start);
  const [hasPhoto, setPhoto] = useState(true);
  return (
    <UploadsUnderway value={note}>
      {hasPhoto && <File name="photo" />}
      <File name="music" />
      <button type="button" onClick={() => setPhoto(false)}>
        remove
      </button>
      <button type="button" onClick={begin}>
        {isAwaiting ? "waiting" : "make"}
      </button>
    </UploadsUnderway>
  );
}

function open() {
  const start = vi.fn();
  render(<Form start={start} />);
  const user = userEvent.setup();
  const press = (name: string) => user.click(screen.getByRole("button", { name }));
  return { start, press };
}

describe("what needs files that are on their way", () => {
  test("begins at once where there are none", async () => {
    const { start, press } = open();
    await press("make");
    expect(start).toHaveBeenCalledOnce();
  });

  test("begins once, when the last of them is there", async () => {
    const { start, press } = open();
    await press("photo");
    await press("music");
    await press("make");
    await press("photo");
    expect(start).not.toHaveBeenCalled();
    expect(screen.getByRole("button", { name: "waiting" })).toBeTruthy();
    await press("music");
    expect(start).toHaveBeenCalledOnce();
    expect(screen.getByRole("button", { name: "make" })).toBeTruthy();
    await press("music");
    await press("music");
    expect(start).toHaveBeenCalledOnce();
  });

  test("begins also when the field is gone", async () => {
    const { start, press } = open();
    await press("photo");
    await press("make");
    await press("remove");
    expect(start).toHaveBeenCalledOnce();
  });
});
