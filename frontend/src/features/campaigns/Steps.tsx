/** Where one is on the way from a message to everybody's video. */

import { Link } from "@tanstack/react-router";
import { useText } from "../../i18n";
import type { Campaign } from "../../lib/api";
import { Icon } from "../../ui/Icon";

export const DRAFT_STEPS = ["message", "list", "check"] as const;
export type DraftStep = (typeof DRAFT_STEPS)[number];
const STEPS = [...DRAFT_STEPS, "listen", "send"] as const;
export type Step = (typeof STEPS)[number];

export const isDraftStep = (step: unknown): step is DraftStep =>
  DRAFT_STEPS.some((known) => known === step);

/** The step of a campaign that has begun; of a draft it is the reader's choice. */
export function stepOf(campaign: Campaign, chosen: DraftStep): Step {
  if (campaign.state === "draft") return chosen;
  return campaign.state === "sampling" || campaign.state === "review" ? "listen" : "send";
}

export function Steps({ campaign, step }: { campaign: Campaign; step: Step }) {
  const t = useText();
  const here = STEPS.indexOf(step);
  return (
    <nav aria-label={t.campaigns.stepsLabel} className="mb-6">
      <ol className="flex gap-1 sm:gap-2">
        {STEPS.map((each, place) => (
          <li key={each} className="min-w-0 flex-1">
            <StepMark
              campaign={campaign}
              step={each}
              number={place + 1}
              isHere={place === here}
              isDone={place < here}
            />
          </li>
        ))}
      </ol>
    </nav>
  );
}

interface StepMarkProps {
  campaign: Campaign;
  step: Step;
  number: number;
  isHere: boolean;
  isDone: boolean;
}

function StepMark({ campaign, step, number, isHere, isDone }: StepMarkProps) {
  const t = useText();
  const look = isHere
    ? "border-mark text-mark"
    : isDone
      ? "border-good text-ink"
      : "border-line text-quiet";
  const shape = `flex min-h-11 flex-col items-start justify-center border-t-4 pt-1.5 text-sm font-semibold sm:flex-row sm:items-center sm:justify-start sm:gap-2 ${look}`;
  const words = (
    <>
      <span aria-hidden="true" className="text-xs sm:text-sm">
        {isDone ? <Icon name="check" className="size-4 text-good" /> : number}
      </span>
      <span>{t.campaigns.steps[step]}</span>
      {isDone && <span className="sr-only">({t.campaigns.stepDone})</span>}
    </>
  );
  if (campaign.state === "draft" && isDraftStep(step)) {
    return (
      <Link
        to="/campaigns/$id"
        params={{ id: campaign.id }}
        search={{ step }}
        aria-current={isHere ? "step" : undefined}
        className={`${shape} hover:border-mark`}
      >
        {words}
      </Link>
    );
  }
  return (
    <span aria-current={isHere ? "step" : undefined} className={shape}>
      {words}
    </span>
  );
}
