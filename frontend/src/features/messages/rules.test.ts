import { expect, test } from "vitest";
import type { Share } from "../../lib/api";
import { changesOf, type Rules, rulesOf } from "./rules";

const OPEN: Share = {
  id: "shr_1",
  revision: "r1",
  url: "http://localhost/s/t",
  state: "open",
  label: null,
  has_password: false,
  expires_at: null,
  view_limit: null,
  admissions: 0,
  allow_download: false,
  allow_reactions: true,
  allow_replies: true,
  cta: null,
  views: 0,
  last_viewed_at: null,
  stats: { opened: 0, views: 0, viewers: 0, quarters: [0, 0, 0, 0], reactions: 0, replies: 0 },
  created_at: "2026-01-01T00:00:00Z",
  revoked_at: null,
};
const CLOSED: Share = {
  ...OPEN,
  label: "Grandma",
  has_password: true,
  expires_at: "2026-02-01T00:00:00Z",
  view_limit: 5,
  allow_download: true,
  cta: { label: "Call me", url: "https://example.com/" },
};
const NOW = Date.parse("2026-01-01T00:00:00Z");
const told = (share: Share, rules: Partial<Rules>) =>
  changesOf(share, { ...rulesOf(share), ...rules }, NOW);

test.each([OPEN, CLOSED])("a form that nobody touched changes nothing", (share) => {
  expect(told(share, {})).toEqual({});
});

test.each<[Partial<Rules>, object]>([
  [{ label: "  Tom " }, { label: "Tom" }],
  [{ hasPassword: true, password: "sesame" }, { password: "sesame" }],
  [{ hasPassword: true, password: "" }, { password: "" }],
  [{ expiry: "7" }, { expires_at: "2026-01-08T00:00:00.000Z" }],
  [{ expiry: "30" }, { expires_at: "2026-01-31T00:00:00.000Z" }],
  [{ hasLimit: true, limit: "5" }, { view_limit: 5 }],
  [{ hasLimit: true, limit: "" }, { view_limit: 0 }],
  [
    { download: true, replies: false },
    { allow_download: true, allow_replies: false },
  ],
  [
    { hasCta: true, ctaLabel: "Go", ctaUrl: " example.com/x " },
    { cta: { label: "Go", url: "https://example.com/x" } },
  ],
  [
    { hasCta: true, ctaLabel: "Go", ctaUrl: "javascript:alert(1)" },
    { cta: { label: "Go", url: "javascript:alert(1)" } },
  ],
])("an open link gets %o as %o", (rules, changes) => {
  expect(told(OPEN, rules)).toEqual(changes);
});

test.each<[Partial<Rules>, object]>([
  [{ label: " " }, { label: null }],
  [{ hasPassword: false, password: "typed before" }, { password: null }],
  [{ password: "another" }, { password: "another" }],
  [{ expiry: "never" }, { expires_at: null }],
  [{ hasLimit: false }, { view_limit: null }],
  [{ hasCta: false }, { cta: null }],
])("a closed link gets %o as %o", (rules, changes) => {
  expect(told(CLOSED, rules)).toEqual(changes);
});
