/** The message that everybody gets, with its placeholders; it is written in the composer. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useText } from "../../i18n";
import type { Campaign, Message } from "../../lib/api";
import { hasPlaceholder } from "../../lib/placeholders";
import { buttonLook } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { LoadProblem, Notice } from "../../ui/Notice";
import { Card, Skeleton } from "../../ui/Page";
import { NextBar } from "./NextBar";
import { templateQuery } from "./queries";
import { TemplateProblems, TemplateText } from "./TemplateText";

const FIELDS = ["title", "script", "title_card", "closing_card"] as const;

/** Whether anything personal would stand in a video. */
export const isPersonal = (template: Message): boolean =>
  FIELDS.some((field) => hasPlaceholder(template[field]));

export function MessageStep({ campaign }: { campaign: Campaign }) {
  const template = useQuery(templateQuery(campaign.template_message_id));
  if (template.isPending) return <Skeleton rows={1} className="h-64" />;
  if (template.isError) {
    return <LoadProblem error={template.error} onRetry={() => void template.refetch()} />;
  }
  return <TheMessage campaign={campaign} template={template.data} />;
}

function TheMessage({ campaign, template }: { campaign: Campaign; template: Message }) {
  const t = useText();
  const isWritten = template.script.trim() !== "";
  const problems = campaign.template_problems;
  const needsWork = !isWritten || problems.length > 0;
  return (
    <>
      <Card>
        <h2 className="font-bold text-lg">{t.campaigns.template.title}</h2>
        <p className="mt-1 mb-4 text-quiet">{t.campaigns.template.text}</p>
        <div className="grid gap-5 sm:grid-cols-[10rem_minmax(0,1fr)]">
          {template.photo_upload_id && (
            <img
              src={`/api/v1/uploads/${template.photo_upload_id}/content`}
              alt=""
              className="aspect-video w-full rounded-xl object-cover sm:aspect-square"
            />
          )}
          <div className="grid content-start gap-4 sm:col-start-2">
            {isWritten ? (
              <TemplateText
                text={template.script}
                language={template.language}
                problems={problems.filter((problem) => problem.field === "script")}
              />
            ) : (
              <p className="text-quiet">{t.campaigns.template.empty}</p>
            )}
            <TemplateProblems problems={problems} />
            {isWritten && !isPersonal(template) && (
              <Notice tone="warn">{t.campaigns.template.noPlaceholder}</Notice>
            )}
          </div>
        </div>
      </Card>
      <NextBar>
        <Link
          to="/messages/$id"
          params={{ id: template.id }}
          className={buttonLook(needsWork ? "primary" : "plain")}
        >
          <Icon name="edit" />
          {!isWritten
            ? t.campaigns.next.write
            : problems.length > 0
              ? t.campaigns.next.mend
              : t.campaigns.template.edit}
        </Link>
        {!needsWork && (
          <Link
            to="/campaigns/$id"
            params={{ id: campaign.id }}
            search={{ step: campaign.imported ? "check" : "list" }}
            className={buttonLook("primary")}
          >
            {campaign.imported ? t.campaigns.next.check : t.campaigns.next.list}
          </Link>
        )}
      </NextBar>
    </>
  );
}
