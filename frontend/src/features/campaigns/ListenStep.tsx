/** The first few videos: heard before the others are made. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLanguage } from "../../i18n";
import type { Campaign, CampaignRow } from "../../lib/api";
import { countsOf } from "../../lib/campaigns";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { ConfirmDialog, Dialog } from "../../ui/Dialog";
import { LoadProblem, Notice, WordsNotice } from "../../ui/Notice";
import { Card, Skeleton } from "../../ui/Page";
import { ProgressBar } from "../../ui/ProgressBar";
import { useToast } from "../../ui/Toasts";
import { Estimate } from "./Estimate";
import { NextBar } from "./NextBar";
import { samplesQuery } from "./queries";
import { useRowChange } from "./rows/changes";
import { StateWord } from "./rows/StateWord";
import { type SpanSound, useSpanSound } from "./spans";
import { useCampaignAct } from "./useCampaignAct";
import { useCampaignStream } from "./useCampaignStream";

export function ListenStep({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  const { isConnected } = useCampaignStream(campaign.id);
  const isMaking = campaign.state === "sampling";
  return (
    <div className="grid grid-cols-1 gap-5">
      <section>
        <h2 className="font-bold text-lg" aria-live="polite">
          {isMaking ? t.campaigns.listen.making : t.campaigns.listen.title}
        </h2>
        <p className="mt-1 text-quiet">
          {isMaking ? t.campaigns.run.background : t.campaigns.listen.text}
        </p>
      </section>
      {!isConnected && isMaking && <Notice>{t.campaigns.run.reconnecting}</Notice>}
      <Samples campaign={campaign} />
      <Decision campaign={campaign} isMaking={isMaking} />
    </div>
  );
}

function Samples({ campaign }: { campaign: Campaign }) {
  const samples = useQuery(samplesQuery(campaign.id));
  const sound = useSpanSound();
  if (samples.isPending) return <Skeleton rows={3} />;
  if (samples.isError) {
    return <LoadProblem error={samples.error} onRetry={() => void samples.refetch()} />;
  }
  return (
    <ul className="grid gap-4 md:grid-cols-2 lg:grid-cols-3">
      {samples.data.map((row) => (
        <li key={row.id}>
          <Sample campaign={campaign} row={row} sound={sound} />
        </li>
      ))}
    </ul>
  );
}

/** Whom a row is for, as far as the list says. */
export function nameOf(campaign: Campaign, row: CampaignRow): string {
  const column = campaign.columns.indexOf(campaign.mapping.name ?? "");
  return row.cells[Math.max(0, column)] || String(row.position + 1);
}

interface SampleProps {
  campaign: Campaign;
  row: CampaignRow;
  sound: SpanSound;
}

function Sample({ campaign, row, sound }: SampleProps) {
  const { t } = useLanguage();
  const name = nameOf(campaign, row);
  return (
    <Card className="grid h-full content-start gap-3">
      <div className="flex items-center justify-between gap-2">
        <h3 className="font-semibold text-lg">{name}</h3>
        <StateWord state={row.state} />
      </div>
      {row.personal_sentences.map((sentence) => (
        <p key={sentence} className="text-quiet">
          {sentence}
        </p>
      ))}
      {row.state === "ready" && <Heard campaign={campaign} row={row} sound={sound} name={name} />}
      {row.progress && <ProgressBar value={row.progress.percent} label={name} />}
      {row.state === "failed" && (
        <p className="text-bad text-sm">
          {t.campaigns.listen.failed} {t.campaigns.listen.another}
        </p>
      )}
    </Card>
  );
}

function Heard({ campaign, row, sound, name }: SampleProps & { name: string }) {
  const { t } = useLanguage();
  const [isWatched, setWatched] = useState(false);
  const toast = useToast();
  const change = useRowChange(campaign);
  const isPlaying = sound.playing === row.id;
  return (
    <>
      <Button
        look={row.approved_at ? "plain" : "primary"}
        icon={isPlaying ? "stop" : "play"}
        aria-label={isPlaying ? t.campaigns.listen.stop : t.campaigns.listen.playOf(name)}
        onClick={() =>
          sound.toggle(row, (error) => toast(problemWords(t, asProblem(error)).what, "bad"))
        }
        className="min-h-12"
      >
        {isPlaying ? t.campaigns.listen.stop : t.campaigns.listen.play}
      </Button>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <label className="inline-flex min-h-11 items-center gap-2 font-semibold">
          <input
            type="checkbox"
            checked={row.approved_at !== null}
            onChange={(event) =>
              change.mutate({ row, changes: { approved: event.target.checked } })
            }
            className="size-5 accent-mark"
          />
          {t.campaigns.listen.right}
        </label>
        <Button look="quiet" onClick={() => setWatched(true)}>
          {t.campaigns.listen.whole}
        </Button>
      </div>
      <Dialog isOpen={isWatched} title={name} isWide onClose={() => setWatched(false)}>
        {/* biome-ignore lint/a11y/useMediaCaption: its words stand just below */}
        <video
          controls
          autoPlay
          src={row.video_url ?? ""}
          className="max-h-[65dvh] w-full rounded-xl bg-black"
        />
        <p className="mt-3 whitespace-pre-wrap text-quiet">{row.script}</p>
        <Button className="mt-4" onClick={() => setWatched(false)}>
          {t.common.close}
        </Button>
      </Dialog>
    </>
  );
}

function Decision({ campaign, isMaking }: { campaign: Campaign; isMaking: boolean }) {
  const { t, format } = useLanguage();
  const { act, isBusy, words } = useCampaignAct(campaign);
  const [isAsking, setAsking] = useState(false);
  const { waiting } = countsOf(campaign);
  return (
    <>
      <WordsNotice words={words} />
      <NextBar told={!isMaking && waiting > 0 && <Estimate campaign={campaign} />}>
        <Button icon="back" onClick={() => setAsking(true)}>
          {t.campaigns.listen.change}
        </Button>
        {!isMaking && (
          <Button
            look="primary"
            icon="check"
            busy={isBusy("approve")}
            onClick={() => act("approve")}
          >
            {waiting > 0
              ? t.campaigns.next.approve(format.integer(waiting))
              : t.campaigns.next.approveNone}
          </Button>
        )}
      </NextBar>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.campaigns.listen.changeTitle}
        text={t.campaigns.listen.changeText}
        confirm={t.campaigns.listen.change}
        busy={isBusy("reopen")}
        onConfirm={() => act("reopen", { onSettled: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
