/** A campaign at whatever step it is: message, list, check, listen, send. */

import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useRef } from "react";
import { useText } from "../../i18n";
import type { Campaign, Message } from "../../lib/api";
import { campaignQuery } from "../../lib/campaigns";
import { asProblem } from "../../lib/problems";
import { NothingHere } from "../../ui/NothingHere";
import { LoadProblem } from "../../ui/Notice";
import { Page, Skeleton } from "../../ui/Page";
import { CampaignName } from "./CampaignName";
import { CheckStep } from "./CheckStep";
import { DeleteCampaign } from "./DeleteCampaign";
import { ListenStep } from "./ListenStep";
import { ListStep } from "./ListStep";
import { MessageStep } from "./MessageStep";
import { templateQuery } from "./queries";
import { SendStep } from "./SendStep";
import { type DraftStep, type Step, Steps, stepOf } from "./Steps";

export function CampaignPage() {
  const t = useText();
  const { id } = useParams({ from: "/signed-in/campaigns/$id" });
  const chosen = useSearch({ from: "/signed-in/campaigns/$id", select: ({ step }) => step });
  const first = useRef<DraftStep | null>(null);
  const query = useQuery(campaignQuery(id));
  const campaign = query.data;
  const template = useQuery({
    ...templateQuery(campaign?.template_message_id ?? ""),
    enabled: campaign?.state === "draft",
  });
  const isKnown = campaign && (campaign.state !== "draft" || chosen || !template.isPending);
  if (isKnown) {
    // What was found lacking stays in sight when it is there: what it says is to be read.
    first.current ??= firstStep(campaign, template.data);
    const step = stepOf(campaign, chosen ?? first.current);
    return <KnownCampaign campaign={campaign} step={step} />;
  }
  if (query.isError && asProblem(query.error).status === 404) return <NothingHere />;
  return (
    <Page title={t.campaigns.title} isTitleHidden>
      {query.isError ? (
        <LoadProblem error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton rows={2} className="h-48" />
      )}
    </Page>
  );
}

/** Where a draft is gone on with: what lacks comes first. */
function firstStep(campaign: Campaign, template: Message | undefined): DraftStep {
  if (template?.script.trim() === "") return "message";
  if (!campaign.imported) return "list";
  return campaign.template_problems.length > 0 ? "message" : "check";
}

function KnownCampaign({ campaign, step }: { campaign: Campaign; step: Step }) {
  // The mark moves in the frame that answers the press, and what the step shows comes after it.
  const shown = useDeferredValue(step);
  return (
    <Page
      title={campaign.name}
      width="wide"
      actions={
        <div className="flex flex-wrap items-center">
          <CampaignName campaign={campaign} />
          <DeleteCampaign campaign={campaign} />
        </div>
      }
    >
      <Steps campaign={campaign} step={step} />
      {shown === "message" && <MessageStep campaign={campaign} />}
      {shown === "list" && <ListStep campaign={campaign} />}
      {shown === "check" && <CheckStep campaign={campaign} />}
      {shown === "listen" && <ListenStep campaign={campaign} />}
      {shown === "send" && <SendStep campaign={campaign} />}
    </Page>
  );
}
