/** Every row before anything is made: what is wrong with some, and what each person will hear. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLanguage } from "../../i18n";
import type { Campaign } from "../../lib/api";
import { countsOf } from "../../lib/campaigns";
import { Button, buttonLook } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Notice, WordsNotice } from "../../ui/Notice";
import { Estimate } from "./Estimate";
import { isPersonal } from "./MessageStep";
import { NextBar } from "./NextBar";
import { templateQuery } from "./queries";
import { RowsPart } from "./rows/RowsPart";
import { TemplateProblems } from "./TemplateText";
import { SAMPLES, useCampaignAct } from "./useCampaignAct";

export function CheckStep({ campaign }: { campaign: Campaign }) {
  const { t, format } = useLanguage();
  const { template_problems } = campaign;
  const counts = countsOf(campaign);
  return (
    <div className="grid grid-cols-1 gap-5">
      <section>
        <h2 className="font-bold text-lg">{t.campaigns.check.title}</h2>
        <p className="mt-1 text-quiet">{t.campaigns.check.text}</p>
      </section>
      {template_problems.length > 0 && (
        <Notice tone="bad" title={t.campaigns.next.mend}>
          <TemplateProblems problems={template_problems} />
        </Notice>
      )}
      {campaign.imported && (
        <Notice tone={counts.faulty ? "warn" : "good"}>
          {counts.faulty
            ? t.campaigns.check.faulty(format.integer(counts.faulty))
            : t.campaigns.check.allGood}
        </Notice>
      )}
      <RowsPart campaign={campaign} />
      <CheckNext campaign={campaign} />
    </div>
  );
}

function CheckNext({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  const template = useQuery(templateQuery(campaign.template_message_id)).data;
  if (!campaign.imported) {
    return (
      <NextBar>
        <Link
          to="/campaigns/$id"
          params={{ id: campaign.id }}
          search={{ step: "list" }}
          className={buttonLook("primary")}
        >
          {t.campaigns.next.list}
        </Link>
      </NextBar>
    );
  }
  if (template && (template.script.trim() === "" || campaign.template_problems.length > 0)) {
    return (
      <NextBar>
        <Link to="/messages/$id" params={{ id: template.id }} className={buttonLook("primary")}>
          <Icon name="edit" />
          {template.script.trim() ? t.campaigns.next.mend : t.campaigns.next.write}
        </Link>
      </NextBar>
    );
  }
  return <Start campaign={campaign} isPersonal={template === undefined || isPersonal(template)} />;
}

function Start({ campaign, isPersonal }: { campaign: Campaign; isPersonal: boolean }) {
  const { t } = useLanguage();
  const { act, isBusy, words } = useCampaignAct(campaign);
  const { waiting } = countsOf(campaign);
  return (
    <>
      <WordsNotice words={words} />
      <NextBar
        told={
          isPersonal ? <Estimate campaign={campaign} /> : t.campaigns.template.noPlaceholderShort
        }
      >
        {isPersonal ? null : (
          <Link
            to="/messages/$id"
            params={{ id: campaign.template_message_id }}
            className={buttonLook("primary")}
          >
            <Icon name="edit" />
            {t.campaigns.next.names}
          </Link>
        )}
        <Button
          look={isPersonal ? "primary" : "plain"}
          icon="play"
          busy={isBusy("start")}
          disabled={waiting === 0}
          onClick={() => act("start")}
        >
          {t.campaigns.next.samples(Math.min(SAMPLES, Math.max(1, waiting)))}
        </Button>
      </NextBar>
    </>
  );
}
