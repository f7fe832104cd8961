/** The message as its video will be, before anything is made. */

import { useEffect, useRef, useState } from "react";
import { useLanguage } from "../../../i18n";
import { api, bodyOf, type Preview } from "../../../lib/api";
import { asProblem, problemWords, type Words } from "../../../lib/problems";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { WordsNotice } from "../../../ui/Notice";
import { Spinner } from "../../../ui/Spinner";
import { PreviewStage } from "./PreviewStage";
import { PreviewSound } from "./sound";

interface PreviewDialogProps {
  /** Saves what was typed and tells the draft's id; null when the server does not have it all. */
  save: () => Promise<string | null>;
  isOpen: boolean;
  onClose: () => void;
}

export function PreviewDialog(props: PreviewDialogProps) {
  const { t } = useLanguage();
  // Kept while the dialog is closed: what was fetched once is not fetched again.
  const sound = useRef<PreviewSound | null>(null);
  useEffect(
    () => () => {
      sound.current?.close();
      sound.current = null;
    },
    [],
  );
  return (
    <Dialog isOpen={props.isOpen} title={t.preview.title} onClose={props.onClose} isWide>
      {props.isOpen && (
        <LaidOut
          {...props}
          soundOf={() => {
            sound.current ??= new PreviewSound(loadSound);
            return sound.current;
          }}
        />
      )}
    </Dialog>
  );
}

type LaidOutProps = PreviewDialogProps & { soundOf: () => PreviewSound };

function LaidOut({ save, onClose, soundOf }: LaidOutProps) {
  const { t } = useLanguage();
  const { preview, own, sound, words, show } = usePreview(save, soundOf);
  return (
    <>
      <WordsNotice words={words} />
      {preview && <PreviewStage preview={preview} sound={sound} />}
      {!preview && !words && (
        <p role="status" className="grid min-h-48 place-content-center justify-items-center gap-3">
          <Spinner />
          {t.preview.speaking}
        </p>
      )}
      <div className="mt-4 flex flex-wrap items-center justify-end gap-3">
        {preview?.draft && (
          <p className="min-w-0 flex-1 basis-60 text-quiet text-sm">{t.preview.draft}</p>
        )}
        {preview?.draft && (
          <Button
            icon="voice"
            busy={!own && !words}
            disabled={!own}
            onClick={() => own && show(own)}
          >
            {t.preview.ownVoice}
          </Button>
        )}
        <Button onClick={onClose}>{t.preview.close}</Button>
      </div>
    </>
  );
}

const loadSound = async (url: string): Promise<ArrayBuffer> => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The sound came with ${answer.status}.`);
  return answer.arrayBuffer();
};

function usePreview(save: PreviewDialogProps["save"], soundOf: () => PreviewSound) {
  const { t } = useLanguage();
  const [preview, setPreview] = useState<Preview | null>(null);
  const [own, setOwn] = useState<Preview | null>(null);
  const [words, setWords] = useState<Words | null>(null);
  const [sound] = useState(soundOf);
  const isThere = useRef(true);
  const show = (made: Preview) => {
    sound.show(made);
    setPreview(made);
  };
  /** First a draft in a base voice, which is there at once; then one's own, when it is spoken. */
  const layOut = async () => {
    const id = await save();
    if (!id) return setWords({ what: t.compose.saveProblem, fix: "" });
    const made = await laidOut(id, true, sound);
    if (!isThere.current) return;
    show(made);
    if (!made.draft) return;
    const spoken = await laidOut(id, false, sound);
    if (!isThere.current) return;
    setOwn(spoken);
    // Who listens already is not cut short: the button has it.
    if (!sound.isPlaying) show(spoken);
  };
  const begin = useRef(() =>
    layOut().catch((error) => {
      if (isThere.current) setWords(problemWords(t, asProblem(error)));
    }),
  );
  useEffect(() => {
    isThere.current = true;
    void begin.current();
    return () => {
      isThere.current = false;
      sound.pause();
    };
  }, [sound]);
  return { preview, own, sound, words, show };
}

async function laidOut(id: string, draft: boolean, sound: PreviewSound): Promise<Preview> {
  const params = { path: { message_id: id }, query: { draft } };
  const made = await bodyOf(api.POST("/api/v1/messages/{message_id}/preview", { params }));
  await sound.fetch(made);
  return made;
}
