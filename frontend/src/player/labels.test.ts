import { expect, test } from "vitest";
import { playerLabels } from "./labels";

test("both languages name the same things, and name them all", () => {
  const { en, ja } = playerLabels;
  expect(Object.keys(ja).sort()).toEqual(Object.keys(en).sort());
  expect(Object.keys(ja.failures).sort()).toEqual(Object.keys(en.failures).sort());
  for (const label of [...Object.values(en), ...Object.values(ja)]) expect(label).toBeTruthy();
});
