/** What is wrong with rows, in the reader's words. */

import type { Catalogue } from "../../../i18n/en";
import type { CampaignRow } from "../../../lib/api";
import type { Words } from "../../../lib/problems";

type RowProblem = CampaignRow["problems"][number];

export const rowProblemWords = (t: Catalogue, problem: RowProblem): Words =>
  t.campaigns.rows.codes[problem.code] ?? { what: problem.detail, fix: "" };

/** The problem that belongs to a column; null asks for those of the whole row. */
export const problemAt = (row: CampaignRow, column: string | null): RowProblem | undefined =>
  row.problems.find((problem) => problem.column === column);

/** Whether a row can still be corrected: nothing is made of it. */
export const isCorrectable = (row: CampaignRow): boolean => row.message_id === null;
