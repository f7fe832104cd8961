/** A message that can be watched: watch it, send it, keep it. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Message } from "../../lib/api";
import { wasStoodInFor } from "../../lib/characters";
import { plainScript } from "../../lib/markup";
import { asProblem, problemWords } from "../../lib/problems";
import { baseVoicesQuery, voicesQuery } from "../../lib/queries";
import type { Aspect } from "../../player/player";
import { VideoPlayer } from "../../player/VideoPlayer";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Card, Page } from "../../ui/Page";
import { useToast } from "../../ui/Toasts";
import { AudiencePanel } from "./AudiencePanel";
import { CorrectCaptions } from "./CorrectCaptions";
import { DeleteMessage } from "./DeleteMessage";
import { Making } from "./Making";
import { isInWork, keepMessage } from "./queries";
import { SendToMany } from "./SendToMany";
import { SharePanel } from "./SharePanel";
import { useHasWords } from "./useHasWords";
import { useSteadyVideo } from "./useSteadyVideo";

const ASPECTS: readonly string[] = ["16:9", "9:16", "1:1"];
const isAspect = (value: string): value is Aspect => ASPECTS.includes(value);

export function Ready({ message }: { message: Message }) {
  const { t, locale } = useLanguage();
  const title = message.title || t.common.untitled;
  const { played, onVideo } = useSteadyVideo(message);
  return (
    <Page
      title={title}
      {...(message.title ? { titleLanguage: message.language } : {})}
      width="wide"
    >
      <p role="status" className="sr-only">
        {message.state === "ready" ? t.progress.readyAnnounce : t.recorded.ready}
      </p>
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_22rem] lg:items-start lg:gap-8">
        <div className="grid gap-6">
          {played.src && (
            <VideoPlayer
              src={played.src}
              poster={played.poster_url}
              captions={played.captions_url}
              captionsLanguage={message.language}
              title={title}
              aspect={isAspect(message.aspect) ? message.aspect : "16:9"}
              durationS={played.duration_s}
              locale={locale}
              onVideo={onVideo}
            />
          )}
          <AudiencePanel message={message} />
        </div>
        <div className="grid gap-5">
          {isInWork(message) && <Making message={message} />}
          {wasStoodInFor(message) && (
            <Notice tone="warn" title={t.voicevox.stoodInTitle}>
              <p className="text-sm">{t.voicevox.stoodInText}</p>
            </Notice>
          )}
          <SharePanel message={message} />
          <Facts message={message} />
          <Card className="grid gap-2 justify-items-start">
            {message.state === "ready" && (
              <>
                <CorrectCaptions message={message} />
                <EditCopy message={message} />
                {message.kind === "photo" && !message.campaign_id && (
                  <SendToMany message={message} />
                )}
                <p className="text-quiet text-sm">{t.ready.editHint}</p>
              </>
            )}
            <DeleteMessage message={message} />
          </Card>
        </div>
      </div>
    </Page>
  );
}

function EditCopy({ message }: { message: Message }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const duplicate = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/messages/{message_id}/duplicate", {
          params: { path: { message_id: message.id } },
        }),
      ),
    onSuccess(copy) {
      keepMessage(client, copy);
      return navigate({ to: "/messages/$id", params: { id: copy.id } });
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <Button icon="edit" busy={duplicate.isPending} onClick={() => duplicate.mutate()}>
      {t.ready.edit}
    </Button>
  );
}

function Facts({ message }: { message: Message }) {
  const { t, format } = useLanguage();
  const hasWords = useHasWords(message);
  return (
    <Card>
      <details>
        <summary className="font-bold text-lg">{t.ready.facts}</summary>
        <dl className="mt-4 grid gap-4">
          {message.script && (
            <Fact name={t.ready.script}>
              <span lang={message.language} className="whitespace-pre-wrap">
                {message.synthetic ? plainScript(message.script).text : message.script}
              </span>
            </Fact>
          )}
          {message.duration_s !== null && (
            <Fact name={t.ready.duration}>{format.length(message.duration_s)}</Fact>
          )}
          {(message.kind === "photo" || message.voice) && (
            <Fact name={t.ready.voice}>
              <VoiceName message={message} />
              {message.engine && (
                <span className="block text-quiet text-sm">{t.ready.engine(message.engine)}</span>
              )}
            </Fact>
          )}
          {message.credit && <Fact name={t.ready.credit}>{message.credit}</Fact>}
          {message.receipt && (
            <Fact name={t.ready.receipt}>
              {t.ready.receiptText(
                t.lane.names[message.receipt.lane] ?? message.receipt.lane,
                format.length(Math.max(1, message.receipt.speech_s)),
                format.usd(message.receipt.usd_micro),
              )}
            </Fact>
          )}
          {hasWords && (
            <Fact name={t.ready.words}>
              <WordFiles id={message.id} />
            </Fact>
          )}
          <Fact name={t.ready.madeOn}>{format.day(message.updated_at)}</Fact>
        </dl>
      </details>
    </Card>
  );
}

const WORD_FILES = { WebVTT: "captions.vtt", SubRip: "captions.srt" } as const;

/** What is said, to be taken along: captions in two formats, and plain text. */
function WordFiles({ id }: { id: string }) {
  const { t } = useLanguage();
  const files = { ...WORD_FILES, [t.ready.transcript]: "transcript.txt" };
  return (
    <span className="flex flex-wrap gap-x-4">
      {Object.entries(files).map(([name, file]) => (
        <a
          key={file}
          href={`/api/v1/messages/${id}/${file}`}
          download={file}
          className="min-h-8 font-semibold text-mark underline"
        >
          {name}
        </a>
      ))}
    </span>
  );
}

function VoiceName({ message }: { message: Message }) {
  const own = useQuery(voicesQuery).data?.items ?? [];
  const base = useQuery(baseVoicesQuery).data?.items ?? [];
  const found = [...own, ...base].find((voice) => voice.id === message.voice);
  return <>{found?.name ?? message.base_voice ?? "–"}</>;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-quiet text-sm">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
