/** The browser's own file chooser, which a button of ours opens by `ref.current.click()`. */

import type { Ref } from "react";

interface FileInputProps {
  ref: Ref<HTMLInputElement>;
  accept: string;
  /** On a phone: take a picture instead of choosing one. */
  capture?: "environment";
  onFile: (file: File) => void;
}

export function FileInput({ onFile, ...input }: FileInputProps) {
  return (
    <input
      {...input}
      type="file"
      tabIndex={-1}
      aria-hidden="true"
      className="hidden"
      onChange={(event) => {
        const file = event.target.files?.[0];
        event.target.value = ""; // so that the same file can be chosen again
        if (file) onFile(file);
      }}
    />
  );
}
