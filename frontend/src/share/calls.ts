/** What the recipient's page asks of the backend: everything below the link's own address. */

import { type Playback, readPlayback } from "./message";

/** What the page tells of a playback; `watched` are fiftieths of the video, from 0. */
export interface PlaybackEvent {
  kind: "opened" | "played" | "progress" | "ended";
  watched?: number[];
}

export interface TextReply {
  name: string | null;
  text: string;
}

export interface RecordedReply {
  name: string | null;
  upload_id: string;
}

/** The backend said no, or could not be reached (`status` 0). */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly status: number,
    readonly code: string,
    /** Seconds until the same question may be put again; 0 where nobody said. */
    readonly waitS = 0,
  ) {
    super(code);
  }
}

export interface Calls {
  /** The link's own address, without a slash at its end. */
  readonly base: string;
  unlock(password: string): Promise<void>;
  admit(): Promise<void>;
  state(): Promise<Playback>;
  react(emoji: string, position_s: number): Promise<unknown>;
  takeBack(emoji: string): Promise<unknown>;
  reply(reply: TextReply | RecordedReply): Promise<void>;
  /** Resolves when the event has arrived. */
  tell(event: PlaybackEvent): Promise<void>;
  /** Tell while the page goes away: nobody can say whether it arrives. */
  tellLast(event: PlaybackEvent): void;
  /** Any other call below the address, by JSON. */
  ask(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<unknown>;
}

/** The address of the link that a page of it stands at: its embedded form has the same. */
export function addressOfLink(pathname: string): string {
  return pathname.replace(/\/(embed\/?)?$/, "");
}

/** A random name for this page load: it counts where the browser keeps no cookie for the page. */
export function newViewerName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The calls of one link, as seen by one viewer. */
export function callsOf(base: string, viewer: string): Calls {
  const ask: Calls["ask"] = (method, path, body) => send(`${base}${path}`, method, body);
  return {
    base,
    ask,
    unlock: async (password) => void (await ask("POST", "/unlock", { password })),
    admit: async () => void (await ask("POST", "/admit")),
    async state() {
      const playback = readPlayback(await ask("GET", "/state"));
      if (!playback) throw new Refusal(0, "network");
      return playback;
    },
    react: (emoji, position_s) => ask("POST", "/reactions", { emoji, position_s, viewer }),
    takeBack: (emoji) => ask("DELETE", `/reactions/${encodeURIComponent(emoji)}?viewer=${viewer}`),
    reply: async (reply) => void (await ask("POST", "/replies", reply)),
    tell: async (event) => void (await ask("POST", "/events", { ...event, viewer })),
    tellLast(event) {
      const body = JSON.stringify({ ...event, viewer });
      navigator.sendBeacon?.(`${base}/events`, new Blob([body], { type: "application/json" }));
    },
  };
}

async function send(url: string, method: string, body: unknown): Promise<unknown> {
  const answer = await reach(url, method, body);
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const told = (await answer.json().catch(() => null)) as { code?: unknown } | null;
  const code = typeof told?.code === "string" ? told.code : "http";
  throw new Refusal(answer.status, code, Number(answer.headers.get("Retry-After")) || 0);
}

async function reach(url: string, method: string, body: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      cache: "no-store",
      // A call that the viewer leaves behind still arrives.
      keepalive: method !== "GET",
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
  } catch {
    throw new Refusal(0, "network");
  }
}

/** Whether a refusal means that the link itself is closed, and which page says so. */
export function closedBy(refusal: unknown): "gone" | "expired" | "spent" | null {
  if (!(refusal instanceof Refusal)) return null;
  if (refusal.status === 410) return refusal.code.includes("spent") ? "spent" : "expired";
  return refusal.status === 404 ? "gone" : null;
}
