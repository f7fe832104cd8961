/** Music under what is said: chosen, heard, taken out again. */

import { useQuery } from "@tanstack/react-query";
import { useId, useRef } from "react";
import { useLanguage } from "../i18n";
import type { Catalogue } from "../i18n/en";
import { asProblem, Problem, refusedWords, type Words } from "../lib/problems";
import { uploadQuery } from "../lib/queries";
import { soundFacts } from "../lib/sound";
import { type SendingFile, useFileUpload } from "../lib/useFileUpload";
import { Button } from "./Button";
import { FieldProblem } from "./Field";
import { FileInput } from "./FileInput";
import { Icon } from "./Icon";
import { ProgressBar } from "./ProgressBar";
import { TrackChoice } from "./TrackChoice";

/** What the server takes; known here so that nobody waits for a refusal. */
const LONGEST_S = 600;
const LARGEST_BYTES = 100_000_000;
const SOUND = "audio/*,.mp3,.m4a,.aac,.wav,.flac,.ogg,.oga,.opus";

/** Music of one's own, or a track that comes along; one at a time. */
export interface Music {
  music_upload_id: string | null;
  music_track: string | null;
}

interface MusicFieldProps {
  uploadId: string | null;
  track: string | null;
  problem: Words | undefined;
  onMusic: (music: Music) => void;
}

export function MusicField({ uploadId, track, problem, onMusic }: MusicFieldProps) {
  const { t } = useLanguage();
  const id = useId();
  const chooser = useRef<HTMLInputElement>(null);
  const own = (id: string | null) => onMusic({ music_upload_id: id, music_track: null });
  const music = useFileUpload("audio", (upload) => own(upload.id), requireMusic);
  const words = musicWords(t, music.problem) ?? problem;
  return (
    <fieldset aria-describedby={`${id}-hint ${id}-problem`} aria-invalid={Boolean(words)}>
      <legend className="mb-1.5 font-semibold">
        {t.music.title}
        <span className="font-normal text-quiet text-sm"> ({t.common.optional})</span>
      </legend>
      {music.sending ? (
        <OnItsWay sending={music.sending} onCancel={music.cancel} />
      ) : (
        <>
          {uploadId ? (
            <Chosen uploadId={uploadId} />
          ) : (
            <TrackChoice
              value={track}
              onTrack={(music_track) => onMusic({ music_upload_id: null, music_track })}
            />
          )}
          <div className="flex flex-wrap gap-2">
            <Button icon="music" onClick={() => chooser.current?.click()}>
              {uploadId ? t.music.replace : t.music.choose}
            </Button>
            {uploadId && (
              <Button look="quiet" icon="trash" onClick={() => own(null)}>
                {t.music.remove}
              </Button>
            )}
          </div>
        </>
      )}
      <p id={`${id}-hint`} className="mt-1.5 text-quiet text-sm">
        {t.music.hint}
      </p>
      <FieldProblem id={`${id}-problem`} problem={words} />
      <FileInput ref={chooser} accept={SOUND} onFile={(file) => void music.send(file)} />
    </fieldset>
  );
}

function Chosen({ uploadId }: { uploadId: string }) {
  const { t, format } = useLanguage();
  const upload = useQuery(uploadQuery(uploadId));
  const isGone = upload.isError && asProblem(upload.error).status === 404;
  if (isGone) return <FieldProblem id={`${uploadId}-gone`} problem={t.problems.music_missing} />;
  const { filename, audio, content_url } = upload.data ?? {};
  return (
    <div className="mb-2.5 grid gap-2 rounded-xl bg-sunk p-3">
      <p className="flex items-baseline gap-2 text-sm">
        <Icon name="music" className="size-4 self-center" />
        <span className="min-w-0 flex-1 truncate font-semibold">{filename ?? "…"}</span>
        {audio && <span className="text-quiet tabular-nums">{format.clock(audio.duration_s)}</span>}
      </p>
      {content_url && (
        // biome-ignore lint/a11y/useMediaCaption: music has no words that could be shown
        <audio
          controls
          preload="none"
          src={content_url}
          aria-label={t.music.listen(filename ?? "")}
          className="h-11 w-full"
        />
      )}
    </div>
  );
}

function OnItsWay({ sending, onCancel }: { sending: SendingFile; onCancel: () => void }) {
  const { t, format } = useLanguage();
  const isChecking = sending.fraction >= 1;
  const words = sending.isWaiting
    ? t.music.waiting
    : isChecking
      ? t.music.checking
      : t.music.sending(format.integer(sending.fraction * 100));
  return (
    <div className="grid gap-2 rounded-xl bg-sunk p-3">
      <p role="status" className="text-sm">
        {words}
      </p>
      <ProgressBar value={isChecking ? null : sending.fraction * 100} label={words} />
      <Button look="quiet" className="justify-self-start" onClick={onCancel}>
        {t.common.cancel}
      </Button>
    </div>
  );
}

/** What can be told before anything is sent: no server would take it, or nobody would hear it. */
async function requireMusic(file: File): Promise<void> {
  if (file.size > LARGEST_BYTES) throw refusal("media_too_large");
  const facts = await soundFacts(file);
  if (facts && facts.durationS > LONGEST_S) throw refusal("media_too_long");
  if (facts?.isSilent) throw refusal("music_silent");
}

const refusal = (code: string): Problem =>
  new Problem(code, 422, "", [{ field: "audio", code, message: "", fix: "" }]);

/** The server speaks of samples and recordings; here it is music. */
function musicWords(t: Catalogue, problem: Problem | null): Words | undefined {
  const code = problem?.errors[0]?.code ?? "";
  if (code === "media_too_long") return t.music.tooLong;
  if (code === "music_silent") return t.music.silent;
  const isNoSound = ["sample_is_video", "media_unreadable", "media_type_mismatch"].includes(code);
  return isNoSound ? t.music.notSound : refusedWords(t, problem);
}
