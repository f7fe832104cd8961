/** What went wrong, as the app tells it: one error class, whatever failed. */

import type { components } from "../api/schema";
import type { Catalogue } from "../i18n/en";

export type FieldError = components["schemas"]["FieldErrorBody"];

/** A problem that the server told, or that kept us from reaching it (`code` "network"). */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly errors: readonly FieldError[];
  readonly traceId: string | null;

  constructor(
    readonly code: string,
    readonly status: number,
    detail: string,
    errors: readonly FieldError[] = [],
    traceId: string | null = null,
  ) {
    super(detail);
    this.errors = errors;
    this.traceId = traceId;
  }

  /** Whether the same request may well work a little later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export const unreachable = (): Problem =>
  new Problem("network", 0, "The server cannot be reached.");

interface Told {
  code?: unknown;
  detail?: unknown;
  errors?: unknown;
  trace_id?: unknown;
}

/** The problem that an answer tells; anything but a problem document counts by its status. */
export function problemFrom(status: number, body: unknown): Problem {
  const told: Told = typeof body === "object" && body !== null ? body : {};
  if (typeof told.code !== "string") {
    // A proxy in front of a server that is not there answers for it.
    return status >= 502 && status <= 504 ? unreachable() : new Problem("http", status, "");
  }
  return new Problem(
    told.code,
    status,
    typeof told.detail === "string" ? told.detail : "",
    Array.isArray(told.errors) ? told.errors.filter(isFieldError) : [],
    typeof told.trace_id === "string" ? told.trace_id : null,
  );
}

function isFieldError(value: unknown): value is FieldError {
  const error = value as Partial<FieldError> | null;
  return typeof error?.field === "string" && typeof error.code === "string";
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // `fetch` rejects with a TypeError when there is no connection.
  return error instanceof TypeError ? unreachable() : new Problem("internal", 500, String(error));
}

export interface Words {
  what: string;
  fix: string;
}

/** A code in the reader's words; an unknown code falls back to what the server said. */
export function wordsFor(t: Catalogue, code: string, told?: Partial<FieldError>): Words {
  const known = (t.problems as Record<string, Words>)[code];
  if (known && told?.sentence && told.at) {
    return { what: t.markup.atPlace(told.sentence, told.at, known.what), fix: known.fix };
  }
  if (known && told?.sentence) {
    return { what: t.markup.ofText(told.sentence, known.what), fix: known.fix };
  }
  if (known) return known;
  return { what: told?.message || t.problems.validation.what, fix: told?.fix ?? "" };
}

/** The whole problem in the reader's words. */
export function problemWords(t: Catalogue, problem: Problem): Words {
  const known = (t.problems as Record<string, Words>)[problem.code];
  return known ?? { what: problem.message || t.problems.internal.what, fix: "" };
}

/** What was refused of the one thing that was sent, in the reader's words. */
export function refusedWords(t: Catalogue, problem: Problem | null): Words | undefined {
  const error = problem?.errors[0];
  if (error) return wordsFor(t, error.code, error);
  return problem ? problemWords(t, problem) : undefined;
}

/**
 * Sort a problem's errors to the fields of a form; what belongs to none of them is left for the
 * form as a whole.
 */
export function sortByField<Field extends string>(
  t: Catalogue,
  problem: Problem | null,
  aliases: Readonly<Record<string, Field>>,
): { fields: Partial<Record<Field, Words>>; rest: Words | null } {
  const fields: Partial<Record<Field, Words>> = {};
  let rest: Words | null = null;
  for (const error of problem?.errors ?? []) {
    const field = aliases[error.field] ?? aliases[error.field.split(".")[0] ?? ""];
    if (field) fields[field] ??= wordsFor(t, error.code, error);
    else rest ??= wordsFor(t, error.code, error);
  }
  if (problem && problem.errors.length === 0) rest = problemWords(t, problem);
  return { fields, rest };
}
