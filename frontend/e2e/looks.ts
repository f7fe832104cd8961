/** In which languages, and at which widths, a test of many is run. */

import { DESKTOP, PHONE } from "./scene";
import type { Language } from "./sender";

export type Look = readonly [Language, typeof DESKTOP];

/** `make soak` runs all of them; otherwise each test has one, and its neighbour the other. */
const isWhole = process.env.SOAK === "1";

export const languages = (usual: Language): Language[] => (isWhole ? ["ja", "en"] : [usual]);

/** The languages at both widths; usually Japanese on a phone, or English on a desktop. */
export function looks(usual: Language): Look[] {
  if (!isWhole) return [[usual, usual === "ja" ? PHONE : DESKTOP]];
  const widths = [PHONE, DESKTOP];
  return (["ja", "en"] as const).flatMap((language) =>
    widths.map((width) => [language, width] as const),
  );
}

/** Japanese on a phone and English on a desktop, or all four. */
export const bothLooks = (): Look[] => (isWhole ? looks("ja") : [...looks("ja"), ...looks("en")]);

/** All values of a list, or usually the one. */
export const each = <Value>(values: readonly Value[], usual: Value): readonly Value[] =>
  isWhole ? values : [usual];
