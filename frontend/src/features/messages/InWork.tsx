/** A video in the making: what is done, how far it is, and how long it takes. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Message } from "../../lib/api";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { LaneNotice } from "../../ui/LaneNotice";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { ProgressBar } from "../../ui/ProgressBar";
import { Spinner } from "../../ui/Spinner";
import { useToast } from "../../ui/Toasts";
import { keepMessage } from "./queries";
import { Scene } from "./Scene";
import { useProgressStream } from "./useProgressStream";

/** Before its first word it may wait for the voice machine. */
const WAITING: ReadonlySet<string> = new Set(["queued", "waiting_for_speech"]);
const STEPS = ["speaking", "composing", "finishing"] as const;

export function InWork({ message }: { message: Message }) {
  const { t, format } = useLanguage();
  const { isConnected } = useProgressStream(message.id);
  // It takes the place of the editor, which was scrolled down to its button.
  useEffect(() => {
    document.documentElement.scrollTop = 0;
  }, []);
  const { percent, eta_s, note } = message.progress;
  const stage = message.progress.stage ?? message.state;
  const stageWords = t.progress.stages[stage] ?? t.states[message.state] ?? "";
  const picture =
    message.poster_url ??
    (message.photo_upload_id ? `/api/v1/uploads/${message.photo_upload_id}/content` : null);
  const noteWords = note ? t.progress.notes[note] : undefined;
  return (
    <Page title={t.progress.title} width="narrow">
      <div className="overflow-hidden rounded-3xl border border-line bg-card shadow-card">
        <div className="relative aspect-video bg-black">
          {picture && (
            <div className="size-full opacity-55">
              <Scene src={picture} alt="" frame={16 / 9} />
            </div>
          )}
          <div className="absolute inset-0 grid place-content-center justify-items-center gap-1 text-center text-white">
            <p className="font-bold text-6xl tabular-nums drop-shadow">
              {t.common.percent(format.integer(Math.floor(percent)))}
            </p>
          </div>
        </div>
        <div className="grid gap-5 p-5 md:p-7">
          <div>
            <p className="mb-3 flex flex-wrap items-baseline justify-between gap-x-4">
              <strong className="font-bold text-lg">{stageWords}</strong>
              <span className="text-quiet tabular-nums">{etaWords(t, format, stage, eta_s)}</span>
            </p>
            <ProgressBar value={percent} label={stageWords} />
          </div>
          {(message.kind === "photo" || message.voice) && <Steps stage={stage} />}
          {message.kind === "recording" && (
            <Notice>{message.voice ? t.recorded.replaced : t.recorded.trimmed}</Notice>
          )}
          {noteWords && <Notice tone="warn">{noteWords}</Notice>}
          {WAITING.has(stage) && <LaneNotice />}
          {!isConnected && <Notice>{t.progress.reconnecting}</Notice>}
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p className="text-quiet text-sm">{t.progress.leave}</p>
            <Cancel message={message} />
          </div>
        </div>
      </div>
      <Spoken stage={stageWords} percent={percent} />
    </Page>
  );
}

type Language = ReturnType<typeof useLanguage>;

/** Nobody can tell how long a voice engine stays away. */
function etaWords(
  t: Language["t"],
  format: Language["format"],
  stage: string,
  eta_s: number | null,
) {
  if (stage === "waiting_for_speech") return null;
  return eta_s === null ? t.progress.etaUnknown : t.progress.eta(format.length(eta_s));
}

/** Read out each new stage and every quarter: more would be noise. */
function Spoken({ stage, percent }: { stage: string; percent: number }) {
  const { t, format } = useLanguage();
  const last = useRef({ words: "", stage: "", quarter: -1 });
  const quarter = Math.floor(percent / 25);
  if (last.current.stage !== stage || last.current.quarter !== quarter) {
    const words = t.progress.announce(stage, format.integer(Math.floor(percent)));
    last.current = { words, stage, quarter };
  }
  return (
    <p role="status" className="sr-only">
      {last.current.words}
    </p>
  );
}

function Steps({ stage }: { stage: string }) {
  const { t } = useLanguage();
  const now = STEPS.indexOf(stage as (typeof STEPS)[number]);
  return (
    <ol className="grid grid-cols-3 gap-2">
      {STEPS.map((step, place) => {
        const isDone = place < now;
        const isNow = place === now;
        return (
          <li
            key={step}
            aria-current={isNow ? "step" : undefined}
            className={`flex items-center justify-center gap-2 rounded-xl px-2 py-2.5 font-semibold text-sm ${isDone ? "bg-good-tint text-good" : isNow ? "bg-tint text-mark" : "bg-sunk text-quiet"}`}
          >
            {isDone && <Icon name="check" className="size-4" />}
            {isNow && <Spinner className="size-4" />}
            {t.progress.steps[step]}
          </li>
        );
      })}
    </ol>
  );
}

function Cancel({ message }: { message: Message }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const toast = useToast();
  const cancel = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/messages/{message_id}/cancel", {
          params: { path: { message_id: message.id } },
        }),
      ),
    onSuccess: (stopped) => keepMessage(client, stopped),
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <Button icon="stop" busy={cancel.isPending} onClick={() => cancel.mutate()}>
      {cancel.isPending ? t.progress.cancelling : t.progress.cancel}
    </Button>
  );
}
