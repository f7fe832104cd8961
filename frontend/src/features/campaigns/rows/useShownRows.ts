/** Which rows are shown, kept in the address: a reload, the way back and a copied link show the same. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef } from "react";
import type { RowFilter } from "../queries";

export interface ShownRows extends RowFilter {
  /** The first one in sight, from 0. */
  first: number;
}

/** Browsers refuse addresses that change with every step of a wheel. */
const WRITE_AFTER_MS = 300;

/** What the address says at first, and what writes a change into it. */
export function useShownRows(): { begin: ShownRows; keep: (changes: Partial<ShownRows>) => void } {
  const { state = null, q = "", row = 1 } = useSearch({ from: "/signed-in/campaigns/$id" });
  const navigate = useNavigate({ from: "/campaigns/$id" });
  const begin = useRef<ShownRows>({ state, q, first: row - 1 }).current;
  const shown = useRef(begin);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const keep = useCallback(
    (changes: Partial<ShownRows>) => {
      const next = { ...shown.current, ...changes };
      if (isSame(next, shown.current)) return;
      shown.current = next;
      clearTimeout(timer.current);
      timer.current = setTimeout(
        () =>
          void navigate({
            search: ({ step }) => ({ ...(step ? { step } : {}), ...searchOf(next) }),
            replace: true,
            resetScroll: false,
          }),
        WRITE_AFTER_MS,
      );
    },
    [navigate],
  );
  return { begin, keep };
}

const isSame = (one: ShownRows, other: ShownRows): boolean =>
  one.state === other.state && one.q === other.q && one.first === other.first;

const searchOf = ({ state, q, first }: ShownRows) => ({
  ...(state ? { state } : {}),
  ...(q ? { q } : {}),
  ...(first > 0 ? { row: first + 1 } : {}),
});
