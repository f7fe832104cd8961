/**
 * Placeholders of a template, `{{name:さん|みなさま}}`. The backend says what they mean
 * (backend/campaigns/template.py); here they are found to be shown, and written.
 */

const SIGN = /\\(?:\{\{|｛｛)|(?:\{\{|｛｛)(?:(?!\{\{|｛｛)[^\n])*?(?:\}\}|｝｝)|\{\{|｛｛/gu;

export interface Piece {
  text: string;
  isPlaceholder: boolean;
  /** Where it begins, in characters from 1, as the backend counts. */
  at: number;
}

/** A text cut at its placeholders; joined, the pieces are the text again. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let [end, at] = [0, 1];
  const add = (piece: string, isPlaceholder: boolean) => {
    if (piece) pieces.push({ text: piece, isPlaceholder, at });
    at += [...piece].length;
  };
  for (const sign of text.matchAll(SIGN)) {
    const isPlain = sign[0].startsWith("\\");
    if (isPlain) continue;
    add(text.slice(end, sign.index), false);
    add(sign[0], true);
    end = sign.index + sign[0].length;
  }
  add(text.slice(end), false);
  return pieces;
}

export const hasPlaceholder = (text: string): boolean =>
  piecesOf(text).some((piece) => piece.isPlaceholder);

/** What Japanese puts behind a name. */
export const HONORIFICS = ["さん", "様", "くん", "ちゃん", "先生"] as const;

export interface Wish {
  column: string;
  honorific?: string;
  fallback?: string;
}

/** Write a placeholder. A heading may hold our own signs: braces alone would end it. */
export function writePlaceholder({ column, honorific, fallback }: Wish): string {
  const filter = honorific ? `:${honorific}` : "";
  const otherwise = fallback?.trim() ? `|${fallback.trim()}` : "";
  return `{{${column}${filter}${otherwise}}}`;
}

export interface Marked {
  text: string;
  isPersonal: boolean;
}

/** A script cut where one of its personal sentences begins or ends; they stand in its order. */
export function markPersonal(script: string, sentences: readonly string[]): Marked[] {
  const parts: Marked[] = [];
  let end = 0;
  const add = (text: string, isPersonal: boolean) => {
    if (text) parts.push({ text, isPersonal });
  };
  for (const sentence of sentences) {
    const from = script.indexOf(sentence, end);
    if (from < 0) continue;
    add(script.slice(end, from), false);
    end = from + sentence.length;
    add(sentence, true);
  }
  add(script.slice(end), false);
  return parts;
}
