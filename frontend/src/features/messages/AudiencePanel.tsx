/** How a message was received: sent, opened, watched, answered; live. */

import { useQuery } from "@tanstack/react-query";
import { useLanguage } from "../../i18n";
import type { Audience, Message } from "../../lib/api";
import { sharesQuery } from "../../lib/links";
import { LoadProblem } from "../../ui/Notice";
import { Card, Skeleton } from "../../ui/Page";
import { HeatStrip } from "./HeatStrip";
import { Replies } from "./Replies";
import { useAudience } from "./useAudience";

/** Nothing until there is a link that somebody could have opened. */
export function AudiencePanel({ message }: { message: Message }) {
  const links = useQuery(sharesQuery(message.id)).data?.items ?? [];
  return links.length > 0 ? <Panel message={message} /> : null;
}

function Panel({ message }: { message: Message }) {
  const { t } = useLanguage();
  const { data: audience, error, refetch } = useAudience(message.id);
  return (
    <Card className="grid gap-6">
      <h2 className="font-bold text-lg">{t.audience.title}</h2>
      {audience ? (
        <Figures message={message} audience={audience} />
      ) : error ? (
        <LoadProblem error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton rows={2} className="h-16" />
      )}
    </Card>
  );
}

function Figures({ message, audience }: { message: Message; audience: Audience }) {
  const { t, format } = useLanguage();
  const summary = t.audience.summary(
    format.integer(audience.opened),
    format.integer(audience.views),
    format.integer(audience.replies.length),
  );
  return (
    <>
      <p role="status" className="sr-only">
        {summary}
      </p>
      <Steps audience={audience} />
      {audience.viewers > 0 ? (
        <HeatStrip
          heat={audience.heat}
          viewers={audience.viewers}
          durationS={message.duration_s ?? 0}
        />
      ) : (
        <p className="text-quiet">{t.audience.nobodyYet}</p>
      )}
      <Reactions reactions={audience.reactions} />
      <Replies messageId={message.id} replies={audience.replies} links={audience.shares} />
      {audience.shares.length > 1 && <ByLink links={audience.shares} />}
      <p className="text-quiet text-sm">{t.audience.howCounted}</p>
    </>
  );
}

function Steps({ audience }: { audience: Audience }) {
  const { t, format } = useLanguage();
  const [quarter = 0, half = 0, threeQuarters = 0, all = 0] = audience.quarters;
  const steps: [string, number][] = [
    [t.audience.sent, audience.shares.length],
    [t.audience.opened, audience.opened],
    [t.audience.started, audience.viewers],
    [t.common.percent("25"), quarter],
    [t.common.percent("50"), half],
    [t.common.percent("75"), threeQuarters],
    [t.common.percent("100"), all],
  ];
  return (
    <ol className="grid grid-cols-4 gap-x-2 gap-y-4 sm:grid-cols-7">
      {steps.map(([name, count]) => (
        <li key={name} className="flex flex-col-reverse text-center">
          <span className="text-quiet text-sm">{name}</span>
          <strong className={`font-bold text-2xl ${count > 0 ? "text-mark" : "text-quiet"}`}>
            {format.integer(count)}
          </strong>
        </li>
      ))}
    </ol>
  );
}

function Reactions({ reactions }: { reactions: Audience["reactions"] }) {
  const { t, format } = useLanguage();
  if (reactions.length === 0) return null;
  return (
    <section className="grid gap-2">
      <h3 className="font-semibold">{t.audience.reactions}</h3>
      <ul className="flex flex-wrap gap-2">
        {reactions.map(({ emoji, count }) => (
          <li key={emoji} className="rounded-full bg-sunk px-3 py-1">
            <span className="text-xl">{emoji}</span>{" "}
            <span className="font-semibold">{format.integer(count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ByLink({ links }: { links: Audience["shares"] }) {
  const { t, format } = useLanguage();
  const columns = [t.audience.opened, t.audience.started, t.common.percent("100")];
  return (
    <section className="grid gap-2">
      <h3 className="font-semibold">{t.audience.byLink}</h3>
      <table className="w-full text-sm">
        <caption className="sr-only">{t.audience.byLink}</caption>
        <thead>
          <tr className="text-quiet">
            <th scope="col" className="py-1 text-start font-normal">
              {t.audience.link}
            </th>
            {columns.map((name) => (
              <th key={name} scope="col" className="py-1 ps-3 text-end font-normal">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {links.map((link) => (
            <tr key={link.share_id} className="border-line border-t">
              <th scope="row" className="py-1.5 text-start font-semibold">
                {link.label ?? t.audience.unnamed}
                {link.last_viewed_at && (
                  <span className="block font-normal text-quiet">
                    {t.audience.lastViewed(format.ago(link.last_viewed_at))}
                  </span>
                )}
              </th>
              {[link.opened, link.viewers, link.quarters[3] ?? 0].map((count, place) => (
                <td key={columns[place]} className="py-1.5 ps-3 text-end align-top">
                  {format.integer(count)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
