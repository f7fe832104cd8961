/** What a link allows, as its form holds it, and what of it the server is told. */

import type { Share, ShareChanges } from "../../lib/api";

export const EXPIRY_DAYS = [7, 30] as const;
const DAY_MS = 86_400_000;

/** What a link allows, as the server has it. */
export type LinkAsIs = Pick<
  Share,
  | "label"
  | "has_password"
  | "expires_at"
  | "view_limit"
  | "allow_download"
  | "allow_reactions"
  | "allow_replies"
  | "cta"
>;

/** A link of which nothing was said. */
export const NEW_LINK: LinkAsIs = {
  label: null,
  has_password: false,
  expires_at: null,
  view_limit: null,
  allow_download: false,
  allow_reactions: true,
  allow_replies: true,
  cta: null,
};

/** The server's names of the rules, and the place of each in the form. */
export const RULE_FIELDS = {
  label: "label",
  password: "password",
  expires_at: "expiry",
  view_limit: "limit",
  "cta.label": "ctaLabel",
  "cta.url": "ctaUrl",
} as const;
export type RuleField = (typeof RULE_FIELDS)[keyof typeof RULE_FIELDS];

export interface Rules {
  label: string;
  hasPassword: boolean;
  password: string;
  /** "keep" leaves the moment that is set; a number of days counts from now. */
  expiry: "never" | "keep" | `${(typeof EXPIRY_DAYS)[number]}`;
  hasLimit: boolean;
  limit: string;
  download: boolean;
  reactions: boolean;
  replies: boolean;
  hasCta: boolean;
  ctaLabel: string;
  ctaUrl: string;
}

export function rulesOf(share: LinkAsIs): Rules {
  return {
    label: share.label ?? "",
    hasPassword: share.has_password,
    password: "",
    expiry: share.expires_at ? "keep" : "never",
    hasLimit: share.view_limit !== null,
    limit: share.view_limit === null ? "" : String(share.view_limit),
    download: share.allow_download,
    reactions: share.allow_reactions,
    replies: share.allow_replies,
    hasCta: share.cta !== null,
    ctaLabel: share.cta?.label ?? "",
    ctaUrl: share.cta?.url ?? "",
  };
}

/** Only what differs from the link as it is: a rule that another window changed stays. */
export function changesOf(share: LinkAsIs, rules: Rules, nowMs: number): ShareChanges {
  const changes: ShareChanges = {};
  const label = rules.label.trim() || null;
  if (label !== share.label) changes.label = label;
  if (!rules.hasPassword) {
    if (share.has_password) changes.password = null;
  } else if (rules.password || !share.has_password) changes.password = rules.password;
  if (rules.expiry === "never") {
    if (share.expires_at) changes.expires_at = null;
  } else if (rules.expiry !== "keep") {
    changes.expires_at = new Date(nowMs + Number(rules.expiry) * DAY_MS).toISOString();
  }
  const limit = rules.hasLimit ? Number(rules.limit) : null;
  if (limit !== share.view_limit) changes.view_limit = limit;
  if (rules.download !== share.allow_download) changes.allow_download = rules.download;
  if (rules.reactions !== share.allow_reactions) changes.allow_reactions = rules.reactions;
  if (rules.replies !== share.allow_replies) changes.allow_replies = rules.replies;
  const cta = rules.hasCta ? { label: rules.ctaLabel, url: withScheme(rules.ctaUrl) } : null;
  if (cta?.label !== share.cta?.label || cta?.url !== share.cta?.url) changes.cta = cta;
  return changes;
}

/** People write example.com; another scheme is left for the server to refuse. */
function withScheme(url: string): string {
  const written = url.trim();
  return written && !/^[a-z][a-z0-9+.-]*:/i.test(written) ? `https://${written}` : written;
}
