import { expect, test } from "vitest";
import { safetyOf } from "./safety";

test.each([
  ["kept", "sending", "kept"],
  ["kept", "done", "kept"],
  ["kept", "waiting", "offline"],
  ["kept", "full", "serverFull"],
  ["kept", "refused", "refused"],
  ["full", "sending", "full"],
  ["unavailable", "sending", "unavailable"],
  ["full", "waiting", "alone"],
  ["unavailable", "full", "alone"],
  ["full", "refused", "alone"],
] as const)("device %s and upload %s: %s", (keeping, state, expected) => {
  expect(safetyOf({ keeping, upload: { state } })).toBe(expected);
});
