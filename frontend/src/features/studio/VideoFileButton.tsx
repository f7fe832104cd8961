import { useRef } from "react";
import { useText } from "../../i18n";
import { Button } from "../../ui/Button";

/** Chooses a video from the disk, for whoever has recorded elsewhere. */
export function VideoFileButton({ onFile }: { onFile: (file: File) => void }) {
  const t = useText();
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button icon="file" onClick={() => chooser.current?.click()}>
        {t.studio.file}
      </Button>
      <input
        ref={chooser}
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        accept="video/*,.mp4,.m4v,.mov,.webm,.mkv"
        className="hidden"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = ""; // so that the same file can be chosen again
          if (file) onFile(file);
        }}
      />
    </>
  );
}
