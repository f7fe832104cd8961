/** All videos: how far they are, what is done about them, and how they reach their people. */

import { useState } from "react";
import { useLanguage } from "../../i18n";
import type { Campaign } from "../../lib/api";
import { countsOf } from "../../lib/campaigns";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { Notice, WordsNotice } from "../../ui/Notice";
import { Card } from "../../ui/Page";
import { ProgressBar } from "../../ui/ProgressBar";
import { MailMerge } from "./MailMerge";
import { RowsPart } from "./rows/RowsPart";
import { useCampaignAct } from "./useCampaignAct";
import { useCampaignStream } from "./useCampaignStream";
import { useResults } from "./useResults";

export function SendStep({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  const { isConnected } = useCampaignStream(campaign.id);
  const isOver = campaign.state === "done" || campaign.state === "cancelled";
  return (
    <div className="grid grid-cols-1 gap-5">
      {!isConnected && !isOver && <Notice>{t.campaigns.run.reconnecting}</Notice>}
      <Progress campaign={campaign} />
      {countsOf(campaign).ready > 0 && (
        <Card className="grid gap-3">
          <p className="text-quiet">{t.campaigns.run.links}</p>
          <Results campaign={campaign} />
          <MailMerge campaign={campaign} />
        </Card>
      )}
      <section className="grid grid-cols-1 gap-3">
        <h2 className="font-bold text-lg">{t.campaigns.check.title}</h2>
        <RowsPart campaign={campaign} />
      </section>
    </div>
  );
}

function Results({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  const save = useResults(campaign);
  return (
    <Button
      icon="download"
      busy={save.isPending}
      onClick={() => save.mutate()}
      className="justify-self-start"
    >
      {t.campaigns.run.results}
    </Button>
  );
}

function Progress({ campaign }: { campaign: Campaign }) {
  const { t, format } = useLanguage();
  const counts = countsOf(campaign);
  const { percent, eta_s } = campaign.progress;
  const wanted = counts.total - counts.left_out - counts.faulty;
  const isSome = campaign.state === "done" && counts.failed > 0;
  const title = isSome ? t.campaigns.run.doneSome : t.campaigns.run.title[campaign.state];
  const isRunning = campaign.state === "running";
  return (
    <Card className="grid gap-4">
      <div role="status">
        <h2 className="font-bold text-xl">{title}</h2>
      </div>
      <ProgressBar value={percent} label={title} />
      <p className="flex flex-wrap justify-between gap-x-4 text-quiet">
        <span>{t.campaigns.run.madeOf(format.integer(counts.ready), format.integer(wanted))}</span>
        {isRunning && eta_s !== null && <span>{t.campaigns.run.eta(format.length(eta_s))}</span>}
      </p>
      {isRunning && <p className="text-quiet text-sm">{t.campaigns.run.background}</p>}
      <Acts campaign={campaign} />
    </Card>
  );
}

function Acts({ campaign }: { campaign: Campaign }) {
  const { t, format } = useLanguage();
  const { act, isBusy, words } = useCampaignAct(campaign);
  const [isAsking, setAsking] = useState(false);
  const { failed } = countsOf(campaign);
  const { state } = campaign;
  const isGoing = state === "running" || state === "paused";
  return (
    <>
      <WordsNotice words={words} />
      <div className="flex flex-wrap gap-2 empty:hidden">
        {state === "running" && (
          <Button icon="pause" busy={isBusy("pause")} onClick={() => act("pause")}>
            {t.campaigns.run.pause}
          </Button>
        )}
        {state === "paused" && (
          <Button look="primary" icon="play" busy={isBusy("resume")} onClick={() => act("resume")}>
            {t.campaigns.run.resume}
          </Button>
        )}
        {state !== "cancelled" && failed > 0 && (
          <Button icon="turn" busy={isBusy("retry")} onClick={() => act("retry")}>
            {t.campaigns.run.retry(format.integer(failed))}
          </Button>
        )}
        {state === "cancelled" && (
          <Button look="primary" icon="turn" busy={isBusy("retry")} onClick={() => act("retry")}>
            {t.campaigns.run.retryRest}
          </Button>
        )}
        {isGoing && (
          <Button look="quiet" icon="close" onClick={() => setAsking(true)}>
            {t.campaigns.run.cancel}
          </Button>
        )}
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.campaigns.run.cancelTitle}
        text={t.campaigns.run.cancelText}
        confirm={t.campaigns.run.cancel}
        busy={isBusy("cancel")}
        onConfirm={() => act("cancel", { onSettled: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
