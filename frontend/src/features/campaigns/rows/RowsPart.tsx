/** The rows with what finds some of them: a search, and their states. */

import { useLocation } from "@tanstack/react-router";
import { useCallback, useDeferredValue, useEffect, useState } from "react";
import { useLanguage } from "../../../i18n";
import type { Campaign, RowState } from "../../../lib/api";
import { countsOf } from "../../../lib/campaigns";
import { useSettled } from "../../../lib/settled";
import { controlLook } from "../../../ui/Field";
import { Icon } from "../../../ui/Icon";
import { Skeleton } from "../../../ui/Page";
import { RowsTable } from "./RowsTable";
import { useShownRows } from "./useShownRows";

const STATES: readonly RowState[] = [
  "faulty",
  "waiting",
  "queued",
  "speaking",
  "composing",
  "ready",
  "failed",
  "cancelled",
  "left_out",
];
const SEARCH_AFTER_MS = 250;

/** What is chosen here is kept in its place of the history; another place has its own. */
export function RowsPart({ campaign }: { campaign: Campaign }) {
  const place = useLocation({ select: (location) => location.state.__TSR_index });
  return <LaterRows key={place} campaign={campaign} />;
}

/** The page's largest part: what was pressed is answered by a frame without it. */
function LaterRows({ campaign }: { campaign: Campaign }) {
  const isDrawn = useDeferredValue(true, false);
  return isDrawn ? <ShownRows campaign={campaign} /> : <Skeleton rows={1} className="h-160" />;
}

function ShownRows({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  const { begin, keep } = useShownRows();
  const [state, setState] = useState(begin.state);
  const [typed, setTyped] = useState(begin.q);
  const q = useSettled(typed.trim(), SEARCH_AFTER_MS);
  useEffect(() => keep({ q }), [keep, q]);
  const choose = (chosen: RowState | null) => {
    setState(chosen);
    keep({ state: chosen });
  };
  const onFirst = useCallback((first: number) => keep({ first }), [keep]);
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="relative max-w-md">
        <Icon
          name="search"
          className="pointer-events-none absolute start-3.5 top-3.5 size-5 text-quiet"
        />
        <input
          type="search"
          aria-label={t.campaigns.rows.search}
          placeholder={t.campaigns.rows.search}
          maxLength={100}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          className={`${controlLook} ps-11`}
        />
      </div>
      <StateFilter campaign={campaign} value={state} onValue={choose} />
      <div>
        <RowsTable
          campaign={campaign}
          filter={{ state, q }}
          begin={begin.first}
          onFirst={onFirst}
        />
      </div>
    </div>
  );
}

interface StateFilterProps {
  campaign: Campaign;
  value: RowState | null;
  onValue: (state: RowState | null) => void;
}

function StateFilter({ campaign, value, onValue }: StateFilterProps) {
  const { t } = useLanguage();
  const counts = countsOf(campaign);
  const there = STATES.filter((state) => counts[state] > 0 || state === value);
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">{t.campaigns.rows.filter}</legend>
      <Choice isChosen={value === null} count={counts.total} onChoose={() => onValue(null)}>
        {t.campaigns.rows.all}
      </Choice>
      {there.map((state) => (
        <Choice
          key={state}
          isChosen={value === state}
          count={counts[state]}
          onChoose={() => onValue(state)}
        >
          {t.campaigns.rows.states[state]}
        </Choice>
      ))}
    </fieldset>
  );
}

interface ChoiceProps {
  isChosen: boolean;
  count: number;
  onChoose: () => void;
  children: string;
}

function Choice({ isChosen, count, onChoose, children }: ChoiceProps) {
  const { format } = useLanguage();
  return (
    <label className="inline-flex min-h-11 items-center gap-1.5 rounded-full border border-edge px-3.5 font-semibold text-sm has-checked:border-mark has-checked:bg-tint has-checked:text-mark has-[input:focus-visible]:outline-3 has-[input:focus-visible]:outline-mark has-[input:focus-visible]:outline-offset-2">
      <input
        type="radio"
        name="row-state"
        checked={isChosen}
        onChange={onChoose}
        className="sr-only"
      />
      {children}
      <span className="font-normal tabular-nums">{format.integer(count)}</span>
    </label>
  );
}
