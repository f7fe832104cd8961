import { useRef } from "react";
import { useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { FileInput } from "../../ui/FileInput";

/** Chooses a video from the disk, for whoever has recorded elsewhere. */
export function VideoFileButton({ onFile }: { onFile: (file: File) => void }) {
  const t = useText();
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button icon="file" onClick={() => chooser.current?.click()}>
        {t.studio.file}
      </Button>
      <FileInput ref={chooser} accept="video/*,.mp4,.m4v,.mov,.webm,.mkv" onFile={onFile} />
    </>
  );
}
