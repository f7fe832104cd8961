// biome-ignore-all lint/a11y/useSemanticElements: rows are laid out by place, which a <table> can't be
// biome-ignore-all lint/a11y/useFocusableInteractive: one cell has the focus, by the grid pattern

/**
 * All rows of a list, of which those in sight are drawn and their pages fetched.
 *
 * A grid by the ARIA pattern: one cell can be reached by Tab, arrows move among all of them, Enter
 * edits a cell or opens a row. The row with the focus stays drawn wherever one scrolls.
 */

import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useLanguage } from "../../../i18n";
import type { Campaign, CampaignRow } from "../../../lib/api";
import { LoadProblem } from "../../../ui/Notice";
import type { RowFilter } from "../queries";
import { useRowChange, withCell } from "./changes";
import { moved, type Place } from "./gridKeys";
import { OWN_COLUMNS, ROW_PX, RowLine, widthOf } from "./RowLine";
import { RowPanel } from "./RowPanel";
import { useRows } from "./useRows";
import { isCorrectable } from "./words";

const NOWHERE: Place = { row: 0, column: 0 };

interface RowsTableProps {
  campaign: Campaign;
  filter: RowFilter;
  /** The row to begin at, from 0. */
  begin: number;
  /** Hears which row is the first in sight. */
  onFirst: (index: number) => void;
}

export function RowsTable({ campaign, filter, begin, onFirst }: RowsTableProps) {
  const { t, format } = useLanguage();
  const keysId = useId();
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState(NOWHERE);
  const [edited, setEdited] = useState<Place | null>(null);
  const [opened, setOpened] = useState<number | null>(null);
  const [sight, setSight] = useState({ first: begin, last: begin });
  const rows = useRows(campaign.id, filter, sight.first, sight.last);
  const { total } = rows;
  const current = { row: Math.min(place.row, Math.max(0, total - 1)), column: place.column };
  const kept = current.row;
  const virtual = useVirtualizer({
    count: total,
    estimateSize: () => ROW_PX,
    initialOffset: begin * ROW_PX,
    overscan: 8,
    useFlushSync: false,
    getScrollElement: () => box.current,
    rangeExtractor: useCallback(
      (range: Parameters<typeof defaultRangeExtractor>[0]) => [
        ...new Set([kept, ...defaultRangeExtractor(range)]),
      ],
      [kept],
    ),
  });
  const items = virtual.getVirtualItems().filter((item) => item.index < total);
  const first = virtual.range?.startIndex ?? sight.first;
  const last = virtual.range?.endIndex ?? sight.last;
  if (first !== sight.first || last !== sight.last) setSight({ first, last });
  useEffect(() => onFirst(sight.first), [onFirst, sight.first]);
  useBegin(box, total > 0, begin * ROW_PX, rows.filter);

  const focusOn = useCallback((to: Place) => {
    box.current?.querySelector<HTMLElement>(`[data-cell="${to.row}:${to.column}"]`)?.focus();
  }, []);
  const wanted = useRef<Place | null>(null);
  useEffect(() => {
    if (!wanted.current) return;
    focusOn(wanted.current);
    wanted.current = null;
  });
  const go = (to: Place) => {
    wanted.current = to;
    virtual.scrollToIndex(to.row);
    setPlace(to);
  };

  const change = useRowChange(campaign);
  const { mutate } = change;
  const onFocus = useCallback((row: number, column: number) => setPlace({ row, column }), []);
  const onOpen = useCallback((row: number) => setOpened(row), []);
  const rowAt = useRef(rows.at);
  rowAt.current = rows.at;
  const onEdit = useCallback((row: number, column: number) => {
    const found = rowAt.current(row);
    if (found && isCorrectable(found)) setEdited({ row, column });
  }, []);
  const onEdited = useCallback(
    (row: CampaignRow, column: number, value: string | null) => {
      setEdited(null);
      setPlace((before) => {
        wanted.current = before;
        return { ...before };
      });
      if (value !== null && value !== row.cells[column]) {
        mutate({ row, changes: { cells: withCell(row, column, value) } });
      }
    },
    [mutate],
  );

  const columns = campaign.columns.length + OWN_COLUMNS;
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.key === "Enter" || event.key === "F2") && current.column >= OWN_COLUMNS) {
      event.preventDefault();
      onEdit(current.row, current.column - OWN_COLUMNS);
      return;
    }
    if (event.altKey || event.shiftKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / ROW_PX) - 1);
    const isFar = event.ctrlKey || event.metaKey;
    const to = moved(current, event.key, isFar, { rows: total, columns, page });
    if (!to) return;
    event.preventDefault();
    go(to);
  };

  if (rows.error && total === 0) return <LoadProblem error={rows.error} onRetry={rows.refetch} />;
  return (
    <>
      <p role="status" className="mb-2 text-quiet text-sm">
        {rows.isPending
          ? t.campaigns.rows.loading
          : total === 0
            ? t.campaigns.rows.none
            : t.campaigns.rows.shown(format.integer(total))}
      </p>
      <p id={keysId} className="sr-only">
        {t.campaigns.rows.keys}
      </p>
      <div
        ref={box}
        role="grid"
        aria-label={t.campaigns.rows.label}
        aria-describedby={keysId}
        aria-rowcount={total + 1}
        aria-colcount={columns}
        tabIndex={-1}
        onKeyDown={onKeyDown}
        className="h-[min(34rem,70dvh)] overflow-auto overscroll-contain rounded-2xl border border-line bg-card"
      >
        <div className="w-max min-w-full">
          <Headings columns={campaign.columns} />
          <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
            {items.map(({ index, start }) => (
              <RowLine
                key={index}
                row={rows.at(index)}
                index={index}
                top={start}
                columns={campaign.columns}
                focused={current.row === index ? current.column : null}
                edited={edited?.row === index ? edited.column : null}
                onFocus={onFocus}
                onOpen={onOpen}
                onEdit={onEdit}
                onEdited={onEdited}
              />
            ))}
          </div>
        </div>
      </div>
      <RowPanel
        campaign={campaign}
        row={opened === null ? undefined : rows.at(opened)}
        index={opened}
        total={total}
        onMove={(index) => {
          virtual.scrollToIndex(index);
          setPlace({ row: index, column: 0 });
          setOpened(index);
        }}
        onClose={() => setOpened(null)}
      />
    </>
  );
}

/** Scroll to `begin` when there is something to scroll, and to the top of other rows. */
function useBegin(
  box: RefObject<HTMLDivElement | null>,
  isThere: boolean,
  begin: number,
  shown: RowFilter,
): void {
  const before = useRef<RowFilter | null>(null);
  useLayoutEffect(() => {
    if (!isThere || before.current === shown) return;
    if (box.current) box.current.scrollTop = before.current ? 0 : begin;
    before.current = shown;
  }, [box, isThere, begin, shown]);
}

function Headings({ columns }: { columns: readonly string[] }) {
  const { t } = useLanguage();
  const all = [t.campaigns.rows.number, t.campaigns.rows.state, ...columns];
  return (
    <div role="rowgroup" className="sticky top-0 z-2 border-line border-b bg-card">
      <div role="row" aria-rowindex={1} className="flex h-11">
        {all.map((heading, place) => (
          <div
            key={place}
            role="columnheader"
            aria-colindex={place + 1}
            className={`flex shrink-0 items-center px-2.5 font-semibold text-quiet text-sm ${widthOf(place)}`}
          >
            <span className="truncate">{heading}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
