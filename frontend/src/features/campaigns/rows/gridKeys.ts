/** Where the focus goes in the table of rows, by key. */

export interface Place {
  row: number;
  column: number;
}

export interface Size {
  rows: number;
  columns: number;
  /** Rows in sight. */
  page: number;
}

/** The place that a key leads to; null: the key is none of the table's. */
export function moved(place: Place, key: string, isFar: boolean, size: Size): Place | null {
  const { row, column } = place;
  const last = { row: size.rows - 1, column: size.columns - 1 };
  const to: Record<string, Place> = {
    ArrowUp: { row: isFar ? 0 : row - 1, column },
    ArrowDown: { row: isFar ? last.row : row + 1, column },
    ArrowLeft: { row, column: isFar ? 0 : column - 1 },
    ArrowRight: { row, column: isFar ? last.column : column + 1 },
    Home: { row: isFar ? 0 : row, column: 0 },
    End: { row: isFar ? last.row : row, column: last.column },
    PageUp: { row: row - size.page, column },
    PageDown: { row: row + size.page, column },
  };
  const wanted = to[key];
  if (!wanted) return null;
  const within = (value: number, end: number) => Math.max(0, Math.min(end, value));
  return { row: within(wanted.row, last.row), column: within(wanted.column, last.column) };
}
