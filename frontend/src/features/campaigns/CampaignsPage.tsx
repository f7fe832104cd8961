/** All campaigns, and the way to a new one. */

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useLanguage } from "../../i18n";
import type { CampaignSummary } from "../../lib/api";
import { beginCampaign, countsOf, keepCampaign } from "../../lib/campaigns";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { LoadProblem } from "../../ui/Notice";
import { Page, Skeleton } from "../../ui/Page";
import { useToast } from "../../ui/Toasts";
import { campaignsQuery, isMaking } from "./queries";

export function CampaignsPage() {
  const { t } = useLanguage();
  const campaigns = useInfiniteQuery(campaignsQuery);
  const items = campaigns.data?.pages.flatMap((page) => page.items) ?? [];
  const isEmpty = campaigns.isSuccess && items.length === 0;
  return (
    <Page
      title={t.campaigns.title}
      lead={isEmpty ? undefined : t.campaigns.lead}
      actions={!isEmpty && <NewCampaign />}
    >
      {campaigns.isPending && <Skeleton rows={3} />}
      {campaigns.isError && items.length === 0 && (
        <LoadProblem error={campaigns.error} onRetry={() => void campaigns.refetch()} />
      )}
      {isEmpty && <NoneYet />}
      <ul className="grid gap-4">
        {items.map((campaign) => (
          <li key={campaign.id}>
            <CampaignCard campaign={campaign} />
          </li>
        ))}
      </ul>
      {campaigns.hasNextPage && (
        <div className="mt-8 text-center">
          <Button
            busy={campaigns.isFetchingNextPage}
            onClick={() => void campaigns.fetchNextPage()}
          >
            {t.common.more}
          </Button>
        </div>
      )}
    </Page>
  );
}

function NewCampaign() {
  const { t, format } = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const begin = useMutation({
    mutationFn: () =>
      beginCampaign(t.campaigns.newName(format.day(new Date().toISOString())), null),
    onSuccess(campaign) {
      keepCampaign(client, campaign);
      return navigate({ to: "/campaigns/$id", params: { id: campaign.id } });
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <Button look="primary" icon="plus" busy={begin.isPending} onClick={() => begin.mutate()}>
      {t.campaigns.make}
    </Button>
  );
}

function NoneYet() {
  const { t } = useLanguage();
  return (
    <div className="mx-auto flex max-w-2xl flex-col items-center gap-5 rounded-3xl bg-glow px-6 py-12 text-center">
      <span className="grid size-16 place-items-center rounded-full bg-card text-mark shadow-card">
        <Icon name="people" className="size-8" />
      </span>
      <h2 className="font-bold text-2xl">{t.campaigns.none}</h2>
      <p className="max-w-md text-quiet">{t.campaigns.noneText}</p>
      <NewCampaign />
    </div>
  );
}

const marks: Partial<Record<CampaignSummary["state"], string>> = {
  done: "bg-good-tint text-good",
  review: "bg-warn-tint text-warn",
};

function CampaignCard({ campaign }: { campaign: CampaignSummary }) {
  const { t, format } = useLanguage();
  const { state } = campaign;
  const counts = countsOf(campaign);
  const wanted = counts.total - counts.left_out - counts.faulty;
  const mark = marks[state] ?? (isMaking(campaign) ? "bg-tint text-mark" : "bg-sunk text-quiet");
  const size = counts.total ? t.campaigns.rowsOf(format.integer(counts.total)) : t.campaigns.noList;
  const made = t.campaigns.readyOf(format.integer(counts.ready), format.integer(wanted));
  return (
    <Link
      to="/campaigns/$id"
      params={{ id: campaign.id }}
      className="block rounded-2xl border border-line bg-card p-4 shadow-card hover:border-edge md:p-5"
    >
      <h2 className="break-words font-semibold text-lg leading-snug">{campaign.name}</h2>
      <p className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-quiet text-sm">
        <span className={`rounded-full px-2.5 py-0.5 font-semibold ${mark}`}>
          {t.campaigns.states[state]}
        </span>
        <span>{state === "draft" ? size : made}</span>
        <span className="ms-auto">{format.ago(campaign.created_at)}</span>
      </p>
    </Link>
  );
}
