/**
 * A draft that is changed in two places: what is known of either side, and how they go together.
 * Nothing here talks to a server; `Autosave` does.
 */

import type { DraftChanges, DraftContent, Sent } from "./draft";

export type DraftField = keyof DraftContent;

export interface Sides {
  /** The draft as the server last told it. */
  server: DraftContent;
  /** What was changed here and is not known to be there. */
  mine: DraftChanges;
  /** What the fields of `mine` were changed from. */
  from: DraftChanges;
  /** What was sent and never answered: it may have arrived. */
  unsure: Sent | null;
}

/** Fields that say something only together: half of one side and half of the other is nobody's wish. */
const TOGETHER: readonly (readonly DraftField[])[] = [
  ["photo_upload_id", "more_photo_upload_ids", "background"],
  ["music_upload_id", "music_track"],
];

export const groupOf = (field: DraftField): readonly DraftField[] =>
  TOGETHER.find((group) => group.includes(field)) ?? [field];

const groupsOf = (changes: DraftChanges): (readonly DraftField[])[] => [
  ...new Map(
    (Object.keys(changes) as DraftField[]).map(groupOf).map((group) => [group[0], group]),
  ).values(),
];

const pick = (changes: DraftChanges, fields: readonly DraftField[]): DraftChanges =>
  Object.fromEntries(fields.map((field) => [field, changes[field]]));

const agree = (one: DraftChanges, other: DraftChanges, fields: readonly DraftField[]): boolean =>
  fields.every((field) => field in one && field in other && isSame(one[field], other[field]));

/** The draft with everything that was changed here, saved or not. */
export const contentOn = ({ server, mine }: Sides): DraftContent => ({ ...server, ...mine });

export function changed(sides: Sides, changes: DraftChanges): Sides {
  const fields = groupsOf(changes).flat();
  const whole = pick({ ...contentOn(sides), ...changes }, fields);
  return {
    ...sides,
    mine: { ...sides.mine, ...whole },
    from: { ...pick(sides.server, fields), ...sides.from },
  };
}

/** What was sent has been taken by the server, which answered with `server`. */
export function settled(sides: Sides, sent: DraftChanges, server: DraftContent): Sides {
  const known = { ...sides, server, unsure: null };
  return keeping(known, (group) => {
    const isSent = group.every((field) => field in sent);
    if (isSent && agree(sides.mine, sent, group)) return null;
    return isSent ? server : sides.from;
  });
}

/** The server's side is `server` now, whoever made it so. */
export function takenIn(sides: Sides, server: DraftContent): Sides {
  const { mine, from, unsure } = sides;
  return keeping({ ...sides, server, unsure: null }, (group) => {
    const hasArrived = unsure !== null && agree(server, unsure.changes, group);
    const origin = hasArrived ? server : from;
    return agree(mine, server, group) || agree(mine, origin, group) ? null : origin;
  });
}

/** Keep of `mine` the groups for which `originOf` tells what they were changed from. */
function keeping(
  sides: Sides,
  originOf: (group: readonly DraftField[]) => DraftChanges | null,
): Sides {
  const kept = groupsOf(sides.mine).map((group) => [group, originOf(group)] as const);
  const mine: DraftChanges = {};
  const from: DraftChanges = {};
  for (const [group, origin] of kept) {
    if (!origin) continue;
    Object.assign(mine, pick(sides.mine, group));
    Object.assign(from, pick(origin, group));
  }
  return { ...sides, mine, from };
}

/** Fields that both sides have changed, each from what the other has not seen; groups by their first. */
export const conflictsOf = ({ server, mine, from }: Sides): DraftField[] =>
  groupsOf(mine)
    .filter((group) => !agree(server, from, group))
    .map((group) => group[0] as DraftField);

/** What of `mine` can be sent without writing over what nobody here has seen. */
export function sendable(sides: Sides): DraftChanges {
  const disputed = conflictsOf(sides).flatMap(groupOf);
  const fields = (Object.keys(sides.mine) as DraftField[]).filter(
    (field) => !disputed.includes(field),
  );
  return pick(sides.mine, fields);
}

/** Somebody has seen both sides of a field and chosen. */
export function chosen(sides: Sides, field: DraftField, side: "mine" | "theirs"): Sides {
  const group = groupOf(field);
  return keeping(sides, (other) => {
    if (!group.every((one) => other.includes(one))) return sides.from;
    return side === "mine" ? sides.server : null;
  });
}

/** In which fields `now` is another draft than `before`; groups by their first. */
export const differences = (before: DraftContent, now: DraftContent): DraftField[] => {
  const fields = Object.keys(now) as DraftField[];
  return [
    ...new Set(
      fields
        .filter((field) => !isSame(before[field], now[field]))
        .map((field) => groupOf(field)[0] as DraftField),
    ),
  ];
};

/** Whether two values say the same; what is left out says as much as null. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (one == null || other == null) return one == null && other == null;
  if (typeof one !== "object" || typeof other !== "object") return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  if (Array.isArray(one) && one.length !== (other as unknown[]).length) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) =>
    isSame((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
  );
}
