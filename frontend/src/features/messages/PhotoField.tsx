/** The photo, shown as the video will show it; dropped, chosen or taken on the spot. */

import { type DragEvent, useId, useRef, useState } from "react";
import { useLanguage } from "../../i18n";
import { api } from "../../lib/api";
import { plainScript } from "../../lib/markup";
import { openingOf } from "../../lib/previews";
import { asProblem, refusedWords, type Words } from "../../lib/problems";
import { type SendingFile, useFileUpload } from "../../lib/useFileUpload";
import { Button } from "../../ui/Button";
import { FieldProblem } from "../../ui/Field";
import { FileInput } from "../../ui/FileInput";
import { Icon } from "../../ui/Icon";
import { ProgressBar } from "../../ui/ProgressBar";
import { WaveBars } from "../../ui/WaveBars";
import type { Crop } from "./crops";
import { PhotoCheck } from "./PhotoCheck";
import { Scene, shapeOf } from "./Scene";

interface PhotoFieldProps {
  uploadId: string | null;
  aspect: string;
  script: string;
  problem: Words | undefined;
  crop: Crop | undefined;
  onPhoto: (uploadId: string) => void;
  onCrop: (crop: Crop | null) => void;
}

const frames: Record<string, string> = {
  "16:9": "aspect-video",
  "9:16": "aspect-[9/16] max-w-60 lg:max-w-72",
  "1:1": "aspect-square max-w-80 lg:max-w-none",
};

export function PhotoField(props: PhotoFieldProps) {
  const { uploadId, aspect, script, problem, crop, onPhoto, onCrop } = props;
  const { t } = useLanguage();
  const id = useId();
  const photo = useFileUpload("photo", (upload) => onPhoto(upload.id));
  const [isOver, setOver] = useState(false);
  // What was uploaded before may have been removed meanwhile.
  const [goneId, setGoneId] = useState<string | null>(null);
  const shown = uploadId && uploadId !== goneId ? uploadId : null;
  const words =
    refusedWords(t, photo.problem) ??
    problem ??
    (goneId === uploadId && uploadId ? t.problems.photo_missing : undefined);

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) void photo.send(file);
  };
  return (
    <fieldset aria-describedby={`${id}-problem`} aria-invalid={Boolean(words)}>
      <legend className="mb-1.5 font-semibold">{t.compose.photo}</legend>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the buttons do the same */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={`relative mx-auto w-full overflow-hidden rounded-2xl transition-[max-width] duration-300 ${frames[aspect] ?? frames["16:9"]} ${shown ? "bg-black" : "border-2 border-dashed bg-sunk"} ${isOver ? "border-mark outline-4 outline-mark" : words ? "border-bad" : "border-edge"}`}
      >
        {shown ? (
          <Scene
            key={shown}
            src={`/api/v1/uploads/${shown}/content`}
            alt={t.compose.photoAlt}
            frame={shapeOf(aspect)}
            crop={crop}
            onError={() => void isGone(shown).then((gone) => gone && setGoneId(shown))}
          />
        ) : (
          !photo.sending && <Inviting onFile={photo.send} />
        )}
        {shown && !photo.sending && <CaptionPreview script={script} />}
        {photo.sending && <SendingVeil sending={photo.sending} onCancel={photo.cancel} />}
      </div>
      {shown && !photo.sending && (
        <div className="mt-2.5 flex flex-wrap justify-center gap-2">
          <FileButtons onFile={photo.send} isReplacing />
        </div>
      )}
      {shown && !photo.sending && (
        <PhotoCheck uploadId={shown} aspect={aspect} crop={crop} onCrop={onCrop} />
      )}
      <FieldProblem id={`${id}-problem`} problem={words} />
      {!shown && <p className="mt-1.5 text-quiet text-sm">{t.compose.photoHint}</p>}
    </fieldset>
  );
}

/** A picture that does not load may just be out of reach: only the server's 404 says that it is gone. */
async function isGone(uploadId: string): Promise<boolean> {
  const path = { upload_id: uploadId };
  try {
    await api.GET("/api/v1/uploads/{upload_id}", { params: { path } });
    return false;
  } catch (error) {
    return asProblem(error).status === 404;
  }
}

function Inviting({ onFile }: { onFile: (file: File) => void }) {
  const { t } = useLanguage();
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-3 p-4 text-center">
      <Icon name="photo" className="size-10 text-mark" />
      <p className="hidden text-quiet pointer-fine:block">{t.compose.photoDrop}</p>
      <div className="flex flex-wrap justify-center gap-2">
        <FileButtons onFile={onFile} />
      </div>
    </div>
  );
}

function FileButtons(props: { onFile: (file: File) => void; isReplacing?: boolean }) {
  const { t } = useLanguage();
  const chooser = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button icon="photo" onClick={() => chooser.current?.click()}>
        {props.isReplacing ? t.compose.photoReplace : t.compose.photoChoose}
      </Button>
      <Button icon="camera" className="pointer-fine:hidden" onClick={() => camera.current?.click()}>
        {t.compose.photoCamera}
      </Button>
      <FileInput ref={chooser} accept="image/*" onFile={props.onFile} />
      <FileInput ref={camera} accept="image/*" capture="environment" onFile={props.onFile} />
    </>
  );
}

function SendingVeil({ sending, onCancel }: { sending: SendingFile; onCancel: () => void }) {
  const { t, format } = useLanguage();
  const isChecking = sending.fraction >= 1;
  const words = sending.isWaiting
    ? t.compose.photoResume
    : isChecking
      ? t.compose.photoChecking
      : t.compose.photoUploading(format.integer(sending.fraction * 100));
  return (
    <div className="absolute inset-0 grid place-content-center gap-4 bg-card/90 p-6 text-center">
      <p role="status" className="font-semibold">
        {words}
      </p>
      <div className="mx-auto w-48">
        <ProgressBar value={isChecking ? null : sending.fraction * 100} label={words} />
      </div>
      <div>
        <Button look="quiet" onClick={onCancel}>
          {t.compose.photoCancel}
        </Button>
      </div>
    </div>
  );
}

const BARS = [3, 6, 10, 7, 13, 9, 15, 11, 7, 12, 16, 9, 6, 10, 5, 8, 4, 3];

/** How words and waveform will lie over the photo, roughly. */
function CaptionPreview({ script }: { script: string }) {
  const opening = openingOf(plainScript(script).text);
  if (!opening) return null;
  return (
    <div
      aria-hidden="true"
      className="absolute inset-x-0 bottom-0 grid justify-items-center gap-2 bg-linear-to-t from-black/60 to-transparent px-4 pt-12 pb-4"
    >
      <p className="line-clamp-2 rounded-md bg-black/70 px-2.5 py-1 text-center font-medium text-white">
        {opening}
      </p>
      <WaveBars heights={BARS} className="h-5 fill-white/90" />
    </div>
  );
}
