/** The voice machine that is off until it is needed: how it stands, what it costs, and the switch. */

import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Costs, type Lane } from "../../lib/api";
import { laneQuery, useLane } from "../../lib/lane";
import { asProblem, problemWords } from "../../lib/problems";
import { meQuery } from "../../lib/queries";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Card } from "../../ui/Page";
import { useToast } from "../../ui/Toasts";
import { CostCurve } from "./CostCurve";

const costsQuery = queryOptions({
  queryKey: ["costs"],
  refetchInterval: 15_000,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/system/costs", { signal })),
});
const MINUTES = [30, 120, 480];

/** Nothing where there is no such machine. */
export function PowerCard() {
  const lane = useLane();
  const isOwner = useQuery(meQuery).data?.is_owner ?? false;
  if (!lane || lane.provider === "none") return null;
  return (
    <>
      <LaneCard lane={lane} isOwner={isOwner} />
      {isOwner && <CostsCard />}
    </>
  );
}

function LaneCard({ lane, isOwner }: { lane: Lane; isOwner: boolean }) {
  const { t, format } = useLanguage();
  return (
    <Card>
      <h2 className="mb-3 font-bold text-lg">{t.power.title}</h2>
      <div role="status">
        <Notice
          tone={lane.state === "ready" ? "good" : lane.state === "failed" ? "warn" : "info"}
          title={t.power.states[lane.state] ?? lane.state}
        >
          <p>{t.power.reasons[lane.code] ?? <span lang="en">{lane.reason}</span>}</p>
          {lane.ready_in_s !== null && <p>{t.power.readyIn(format.length(lane.ready_in_s))}</p>}
        </Notice>
      </div>
      <dl className="mt-4 grid grid-cols-2 gap-4">
        <Figure name={t.power.waiting} value={format.integer(lane.waiting)} />
        <Figure name={t.power.atWork} value={format.integer(lane.at_work)} />
        <Figure name={t.power.policy} value={t.power.policies[lane.policy] ?? lane.policy} />
      </dl>
      {isOwner && <Switch />}
    </Card>
  );
}

type Order = { action: "start" | "stop" | "automatic"; minutes: number };

function Switch() {
  const { t, format } = useLanguage();
  const client = useQueryClient();
  const toast = useToast();
  const costs = useQuery(costsQuery).data;
  const order = useMutation({
    mutationFn: (body: Order) => api.POST("/api/v1/system/power", { body }),
    onSuccess: () =>
      Promise.all([client.invalidateQueries(laneQuery), client.invalidateQueries(costsQuery)]),
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  const send = (action: Order["action"], minutes = 15) => order.mutate({ action, minutes });
  return (
    <div className="mt-5 grid gap-3">
      {costs?.keep_on_until && <p>{t.power.keptOn(format.moment(costs.keep_on_until))}</p>}
      {costs?.stay_off_until && <p>{t.power.keptOff(format.moment(costs.stay_off_until))}</p>}
      <div className="flex flex-wrap gap-3">
        {MINUTES.map((minutes) => (
          <Button key={minutes} busy={order.isPending} onClick={() => send("start", minutes)}>
            {t.power.startFor(format.length(minutes * 60))}
          </Button>
        ))}
        <Button look="danger" busy={order.isPending} onClick={() => send("stop")}>
          {t.power.stop}
        </Button>
        {(costs?.keep_on_until || costs?.stay_off_until) && (
          <Button look="quiet" busy={order.isPending} onClick={() => send("automatic")}>
            {t.power.automatic}
          </Button>
        )}
      </div>
    </div>
  );
}

function CostsCard() {
  const { t, format } = useLanguage();
  const costs = useQuery(costsQuery).data;
  if (!costs) return null;
  const idle =
    costs.idle_share === null
      ? "–"
      : t.common.percent(format.integer(Math.round(costs.idle_share * 100)));
  return (
    <Card>
      <h2 className="mb-3 font-bold text-lg">{t.power.costs}</h2>
      <dl className="grid grid-cols-2 gap-4">
        <Figure name={t.power.month} value={format.usd(costs.month_usd_micro)} />
        <Figure name={t.power.forecast} value={format.usd(costs.forecast_usd_micro)} />
        <Figure name={t.power.saved} value={format.usd(costs.saved_usd_micro)} />
        <Figure name={t.power.idle} value={idle} />
        <Figure name={t.power.on} value={format.length(costs.on_s)} />
        <Figure
          name={t.power.budget}
          value={
            costs.budget_usd_micro === null ? t.power.noBudget : format.usd(costs.budget_usd_micro)
          }
        />
      </dl>
      <CostCurve days={costs.days} />
      <History costs={costs} />
    </Card>
  );
}

function History({ costs }: { costs: Costs }) {
  const { t, format } = useLanguage();
  if (costs.decisions.length === 0) return null;
  return (
    <details className="mt-5">
      <summary className="font-semibold">{t.power.history}</summary>
      <ol className="mt-2 grid gap-2 text-sm">
        {costs.decisions.map((each) => (
          <li key={`${each.at} ${each.state} ${each.code}`}>
            <span className="text-quiet tabular-nums">{format.moment(each.at)}</span>{" "}
            <strong className="font-semibold">{t.power.states[each.state] ?? each.state}</strong>
            {": "}
            {t.power.reasons[each.code] ?? <span lang="en">{each.reason}</span>}
          </li>
        ))}
      </ol>
    </details>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-quiet text-sm">{name}</dt>
      <dd className="font-medium tabular-nums">{value}</dd>
    </div>
  );
}
