/** One row as a whole: what is said to this person, what is to correct, every cell, their link. */

import { type FormEvent, useDeferredValue, useState } from "react";
import { useLanguage } from "../../../i18n";
import type { Campaign, CampaignRow } from "../../../lib/api";
import { copyText } from "../../../lib/clipboard";
import { usePainted } from "../../../lib/painted";
import { markPersonal } from "../../../lib/placeholders";
import { asProblem } from "../../../lib/problems";
import { Button, buttonLook } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { TextField } from "../../../ui/Field";
import { Icon } from "../../../ui/Icon";
import { useToast } from "../../../ui/Toasts";
import { useRowChange, useRowRetry } from "./changes";
import { StateWord, useReceived } from "./StateWord";
import { isCorrectable, problemAt, rowProblemWords } from "./words";

interface RowPanelProps {
  campaign: Campaign;
  row: CampaignRow | undefined;
  /** Its place among the rows that fit; null: no row is open. */
  index: number | null;
  total: number;
  onMove: (index: number) => void;
  onClose: () => void;
}

export function RowPanel({ campaign, row: held, index, total, onMove, onClose }: RowPanelProps) {
  const { t, format } = useLanguage();
  // The panel opens in the frame that answers the press; what is in it comes after.
  const row = useDeferredValue(held);
  const title = t.campaigns.rows.row(format.integer((held?.position ?? index ?? 0) + 1));
  return (
    <Dialog isOpen={index !== null} title={title} isWide onClose={onClose}>
      {row ? (
        <OpenRow key={row.id} campaign={campaign} row={row} />
      ) : (
        <p className="min-h-40 text-quiet">{t.campaigns.rows.loading}</p>
      )}
      {index !== null && (
        <div className="mt-5 flex flex-wrap justify-between gap-2 border-line border-t pt-4">
          <div className="flex gap-2">
            <Button aria-disabled={index === 0} onClick={() => index > 0 && onMove(index - 1)}>
              {t.campaigns.rows.before}
            </Button>
            <Button
              aria-disabled={index + 1 >= total}
              onClick={() => index + 1 < total && onMove(index + 1)}
            >
              {t.campaigns.rows.after}
            </Button>
          </div>
          <Button look="quiet" onClick={onClose}>
            {t.common.close}
          </Button>
        </div>
      )}
    </Dialog>
  );
}

function OpenRow({ campaign, row }: { campaign: Campaign; row: CampaignRow }) {
  const received = useReceived(row);
  return (
    <div className="grid gap-5">
      <p className="flex flex-wrap items-center gap-2">
        <StateWord state={row.state} />
        {received && <span className="text-quiet text-sm">{received}</span>}
      </p>
      <Problems row={row} />
      <Said row={row} />
      {row.video_url && <Video url={row.video_url} poster={row.poster_url} />}
      {row.share_url && <LinkOf url={row.share_url} />}
      {isOver(row) && <Retry campaign={campaign} row={row} />}
      {isCorrectable(row) ? (
        <Cells campaign={campaign} row={row} />
      ) : (
        <Values columns={campaign.columns} row={row} />
      )}
    </div>
  );
}

/** A player is the slowest to draw of all: it comes with the frame after the panel's. */
function Video({ url, poster }: { url: string; poster: string | null }) {
  const look = "max-h-[50dvh] w-full rounded-xl bg-black";
  if (!usePainted()) return <div className={`aspect-video ${look}`} />;
  return (
    <video controls preload="none" src={url} {...(poster ? { poster } : {})} className={look} />
  );
}

function Problems({ row }: { row: CampaignRow }) {
  const { t } = useLanguage();
  if (row.problems.length === 0) return null;
  return (
    <section>
      <h3 className="font-semibold">{t.campaigns.rows.problems}</h3>
      <ul className="mt-1 grid gap-1.5">
        {row.problems.map((problem) => {
          const { what, fix } = rowProblemWords(t, problem);
          return (
            <li key={`${problem.column}${problem.code}`} className="flex gap-2 text-bad text-sm">
              <Icon name="alert" className="mt-0.5 size-4" />
              <span>
                <strong className="font-semibold">
                  {problem.column ? t.campaigns.rows.columnOf(problem.column, what) : what}
                </strong>{" "}
                {fix}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Said({ row }: { row: CampaignRow }) {
  const { t } = useLanguage();
  return (
    <section>
      <h3 className="font-semibold">{t.campaigns.rows.preview}</h3>
      <p className="mt-1 max-h-[40dvh] overflow-auto whitespace-pre-wrap break-words rounded-xl bg-sunk px-4 py-3 leading-relaxed">
        {markPersonal(row.script, row.personal_sentences).map(({ text, isPersonal }, place) =>
          isPersonal ? (
            <mark key={place} className="rounded-md bg-tint px-1 font-semibold text-mark">
              {text}
            </mark>
          ) : (
            <span key={place}>{text}</span>
          ),
        )}
      </p>
      {row.personal_sentences.length > 0 && (
        <p className="mt-1 text-quiet text-sm">{t.campaigns.rows.personal}</p>
      )}
    </section>
  );
}

function isOver(row: CampaignRow): boolean {
  return row.state === "ready" || row.state === "failed" || row.state === "cancelled";
}

function Retry({ campaign, row }: { campaign: Campaign; row: CampaignRow }) {
  const { t } = useLanguage();
  const retry = useRowRetry(campaign);
  return (
    <div>
      <Button busy={retry.isPending} onClick={() => retry.mutate(row)}>
        {t.campaigns.rows.retry}
      </Button>
    </div>
  );
}

function LinkOf({ url }: { url: string }) {
  const { t } = useLanguage();
  const toast = useToast();
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button
        icon="copy"
        onClick={() =>
          void copyText(url).then(
            () => toast(t.common.copied),
            () => undefined,
          )
        }
      >
        {t.campaigns.rows.copyLink}
      </Button>
      <a href={url} target="_blank" rel="noreferrer" className={buttonLook("quiet")}>
        <Icon name="link" />
        {new URL(url).host}
      </a>
    </div>
  );
}

/** Cells that are not saved yet; over: the revision that was seen when the first was typed. */
interface Typed {
  over: string | null;
  cells: Record<number, string>;
}

function Cells({ campaign, row }: { campaign: Campaign; row: CampaignRow }) {
  const { t } = useLanguage();
  const [typed, setTyped] = useState<Typed | null>(null);
  const cells = row.cells.map((cell, place) => typed?.cells[place] ?? cell);
  const change = useRowChange(campaign);
  const toast = useToast();
  const isOut = row.state === "left_out";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change.isPending) return;
    change.mutate(
      { row: { ...row, revision: typed?.over ?? row.revision }, changes: { cells } },
      {
        onSuccess() {
          setTyped(null);
          toast(t.campaigns.rows.savedCells);
        },
        onError(error) {
          // What was changed elsewhere is shown now, beside what was typed here.
          if (asProblem(error).code !== "draft_changed") return;
          setTyped((before) => before && { ...before, over: null });
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        {campaign.columns.map((column, place) => {
          const problem = problemAt(row, column);
          return (
            <TextField
              key={column}
              label={column}
              maxLength={1000}
              value={cells[place] ?? ""}
              problem={problem && rowProblemWords(t, problem)}
              onValue={(value) =>
                setTyped((before) => ({
                  over: before ? before.over : row.revision,
                  cells: { ...before?.cells, [place]: value },
                }))
              }
            />
          );
        })}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={change.isPending}>
          {t.campaigns.rows.saveCells}
        </Button>
        <Button
          icon={isOut ? "undo" : "close"}
          onClick={() => change.mutate({ row, changes: { is_left_out: !isOut } })}
        >
          {isOut ? t.campaigns.rows.takeIn : t.campaigns.rows.leaveOut}
        </Button>
      </div>
    </form>
  );
}

function Values({ columns, row }: { columns: readonly string[]; row: CampaignRow }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
      {columns.map((column, place) => (
        <div key={column} className="contents">
          <dt className="text-quiet">{column}</dt>
          <dd>{row.cells[place]}</dd>
        </div>
      ))}
    </dl>
  );
}
