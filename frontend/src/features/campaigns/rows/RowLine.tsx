// biome-ignore-all lint/a11y/useSemanticElements: rows are laid out by place, which a <table> can't be
// biome-ignore-all lint/a11y/useFocusableInteractive: one cell has the focus, by the grid pattern

/** One row of the table: its number, its state, and its cells, each with what is wrong with it. */

import { memo, type ReactNode, useEffect, useRef } from "react";
import { useLanguage } from "../../../i18n";
import type { CampaignRow } from "../../../lib/api";
import { controlLook } from "../../../ui/Field";
import { Icon } from "../../../ui/Icon";
import { StateWord, useReceived } from "./StateWord";
import { problemAt, rowProblemWords } from "./words";

/** Number and state stand before the list's own columns. */
export const OWN_COLUMNS = 2;
export const ROW_PX = 64;
export const widths = ["sticky start-0 z-1 w-16 bg-card", "w-32", "w-44 sm:w-52"] as const;
/** The last one takes what the others leave. */
export const widthOf = (column: number): string => widths[column] ?? `${widths[2]} last:grow`;

interface RowLineProps {
  row: CampaignRow | undefined;
  /** Its place among the rows that fit, from 0. */
  index: number;
  top: number;
  columns: readonly string[];
  /** The column that has the focus, if it is in this row. */
  focused: number | null;
  edited: number | null;
  onFocus: (row: number, column: number) => void;
  onOpen: (row: number) => void;
  onEdit: (row: number, column: number) => void;
  onEdited: (row: CampaignRow, column: number, value: string | null) => void;
}

export const RowLine = memo(function RowLine(props: RowLineProps) {
  const { row, index, columns, top } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-row={index}
      className={`absolute top-0 left-0 flex h-16 min-w-full border-line border-b ${row?.state === "left_out" ? "text-quiet line-through decoration-1" : ""}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <NumberCell {...props} />
      <StateCell {...props} />
      {columns.map((column, place) => (
        <ListCell key={column} {...props} column={column} place={place} />
      ))}
    </div>
  );
});

interface CellProps extends RowLineProps {
  place: number;
  children?: ReactNode;
}

function cellLook(place: number, isWrong: boolean): string {
  return `flex shrink-0 flex-col justify-center overflow-hidden px-2.5 text-sm -outline-offset-2 ${widthOf(place)} ${isWrong ? "bg-bad-tint" : ""}`;
}

function NumberCell({ row, index, focused, onFocus, onOpen }: RowLineProps) {
  const { t, format } = useLanguage();
  const number = format.integer((row?.position ?? index) + 1);
  return (
    <div role="rowheader" aria-colindex={1} className={cellLook(0, false)}>
      <button
        type="button"
        data-cell={`${index}:0`}
        tabIndex={focused === 0 ? 0 : -1}
        aria-label={t.campaigns.rows.open(number)}
        aria-haspopup="dialog"
        disabled={!row}
        onFocus={() => onFocus(index, 0)}
        onClick={() => onOpen(index)}
        className="-ms-1 min-h-11 rounded-lg px-1 text-start font-semibold text-mark tabular-nums hover:bg-tint"
      >
        {number}
      </button>
    </div>
  );
}

function StateCell({ row, index, focused, onFocus }: RowLineProps) {
  const { t } = useLanguage();
  const problem = row && problemAt(row, null);
  return (
    <div
      role="gridcell"
      aria-colindex={2}
      data-cell={`${index}:1`}
      tabIndex={focused === 1 ? 0 : -1}
      onFocus={() => onFocus(index, 1)}
      className={cellLook(1, false)}
    >
      {row ? (
        <>
          <span>
            <StateWord state={row.state} />
          </span>
          {problem ? (
            <span className="truncate text-bad text-xs">{rowProblemWords(t, problem).what}</span>
          ) : (
            <Received row={row} />
          )}
        </>
      ) : (
        <span className="h-4 w-20 animate-breathe rounded-full bg-sunk" />
      )}
    </div>
  );
}

function Received({ row }: { row: CampaignRow }) {
  const received = useReceived(row);
  return received ? <span className="truncate text-quiet text-xs">{received}</span> : null;
}

function ListCell(props: CellProps & { column: string }) {
  const { row, index, place, column, focused, edited, onFocus, onEdit } = props;
  const { t } = useLanguage();
  const own = place + OWN_COLUMNS;
  const problem = row && problemAt(row, column);
  const words = problem && rowProblemWords(t, problem);
  const isEdited = edited === place;
  return (
    <div
      role="gridcell"
      aria-colindex={own + 1}
      aria-invalid={problem ? true : undefined}
      data-cell={`${index}:${own}`}
      tabIndex={focused === own && !isEdited ? 0 : -1}
      onFocus={(event) => event.target === event.currentTarget && onFocus(index, own)}
      onDoubleClick={() => onEdit(index, place)}
      className={cellLook(own, Boolean(problem))}
    >
      {isEdited && row ? (
        <CellEditor {...props} row={row} />
      ) : (
        <>
          <span className="truncate">{row ? row.cells[place] : null}</span>
          {words && (
            <span
              className="flex gap-1 text-bad text-xs no-underline"
              title={`${words.what} ${words.fix}`}
            >
              <Icon name="alert" className="mt-0.5 size-3" />
              <span className="truncate">{words.what}</span>
              <span className="sr-only">{words.fix}</span>
            </span>
          )}
        </>
      )}
    </div>
  );
}

function CellEditor(props: CellProps & { row: CampaignRow; column: string }) {
  const { row, place, column, onEdited } = props;
  const { t, format } = useLanguage();
  const field = useRef<HTMLInputElement>(null);
  const isOver = useRef(false);
  useEffect(() => field.current?.select(), []);
  const finish = (value: string | null) => {
    if (isOver.current) return;
    isOver.current = true;
    onEdited(row, place, value);
  };
  return (
    <input
      ref={field}
      type="text"
      maxLength={1000}
      defaultValue={row.cells[place]}
      aria-label={t.campaigns.rows.edit(column, format.integer(row.position + 1))}
      onBlur={(event) => finish(event.target.value)}
      onKeyDown={(event) => {
        // An input method's own Enter ends the conversion, not the cell.
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") finish(event.currentTarget.value);
        if (event.key === "Escape") finish(null);
        event.stopPropagation();
      }}
      className={`${controlLook} min-h-10! px-2! py-1! text-sm`}
    />
  );
}
