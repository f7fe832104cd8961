/** Whom to write to, as people type and paste it: one in each line, or with commas between. */

export const MAX_RECIPIENTS = 50;

export interface Recipient {
  email: string;
  name: string | null;
}

/** `Anna <anna@example.com>`; what is none of that is left whole for the server to refuse. */
const NAMED = /^(.*?)\s*[<＜]([^<>＜＞]*)[>＞]$/;
const SEPARATORS = /[\n,;、，；]+/;

export function parseRecipients(typed: string): Recipient[] {
  return typed
    .split(SEPARATORS)
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => {
      const [, name, email] = NAMED.exec(entry) ?? [];
      if (email === undefined) return { email: entry, name: null };
      return { email: email.trim(), name: name?.replaceAll(/^["“”]+|["“”]+$/g, "").trim() || null };
    });
}

/** Which entry a problem's field is about: `recipients.2.email` is the third. */
export function entryOf(field: string, recipients: readonly Recipient[]): string | null {
  const place = /^recipients\.(\d+)\b/.exec(field)?.[1];
  return place === undefined ? null : (recipients[Number(place)]?.email ?? null);
}
