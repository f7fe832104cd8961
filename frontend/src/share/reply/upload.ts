/** Sends a recorded reply in parts, with the rights of a guest: what failed is sent again. */

import { type Calls, Refusal } from "../calls";

const TRIES = 5;
const backOffMs = (attempt: number): number => Math.min(500 * 2 ** attempt, 8000);

interface Begun {
  id: string;
  part_size_bytes: number;
}

interface PartAddress {
  url: string;
  headers: Record<string, string>;
}

export interface GuestUploadOptions {
  calls: Pick<Calls, "ask">;
  kind: "audio" | "video";
  file: Blob;
  filename: string;
  signal: AbortSignal;
  /** 0..1 of the bytes. */
  onProgress: (fraction: number) => void;
  /** Milliseconds before the n-th repetition; tests shorten it. */
  delayMs?: (attempt: number) => number;
  /** Puts one part; resolves to the HTTP status, 0 where the connection was lost. */
  put?: typeof putPart;
}

/** One file on its way: `send` may be called again after it failed, and goes on where it stopped. */
export interface GuestUpload {
  /** Resolves to the finished upload's id. */
  send(): Promise<string>;
}

/** An upload that has not begun. */
export function guestUpload(options: GuestUploadOptions): GuestUpload {
  const { calls, file, kind, filename } = options;
  const held = new Set<number>();
  let begun: Begun | null = null;

  async function begin(): Promise<Begun> {
    const body = { kind, filename, size_bytes: file.size, content_type: file.type };
    return (await persist(options, () => calls.ask("POST", "/uploads", body))) as Begun;
  }

  async function sendPart({ id, part_size_bytes }: Begun, number: number): Promise<void> {
    const start = (number - 1) * part_size_bytes;
    const piece = file.slice(start, start + part_size_bytes);
    const sha256 = await sha256Of(piece);
    await persist(options, async () => {
      const body = { number, ...(sha256 ? { sha256 } : {}) };
      const address = (await calls.ask("POST", `/uploads/${id}/parts`, body)) as PartAddress;
      const report = (bytes: number): void => options.onProgress((start + bytes) / file.size);
      const status = await (options.put ?? putPart)(address, piece, options.signal, report);
      // Its size is what was asked for: where a part is too much, the sender's storage is full.
      if (status === 413) throw new Refusal(status, "quota_reached");
      if (status < 200 || status >= 300) throw new Refusal(status, "upload_part");
    });
    held.add(number);
  }

  return {
    async send() {
      begun ??= await begin();
      const count = Math.ceil(file.size / begun.part_size_bytes);
      for (let number = 1; number <= count; number += 1) {
        if (!held.has(number)) await sendPart(begun, number);
      }
      const { id } = begun;
      const body = { size_bytes: file.size };
      await persist(options, () => calls.ask("POST", `/uploads/${id}/complete`, body));
      return id;
    },
  };
}

/** Hex SHA-256, or null where the browser has none: plain http from afar. */
async function sha256Of(piece: Blob): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(await piece.arrayBuffer()));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `fetch` cannot tell how much has been sent; XMLHttpRequest can. */
function putPart(
  address: PartAddress,
  piece: Blob,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address.url);
    for (const [name, value] of Object.entries(address.headers))
      request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => resolve(request.status);
    request.onerror = () => resolve(0);
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(piece);
  });
}

/** Repeat what a lost connection or a busy server has stopped. */
async function persist<Answer>(
  { signal, delayMs = backOffMs }: GuestUploadOptions,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (problem) {
      if (!isPassing(problem) || tries + 1 >= TRIES) throw problem;
      await new Promise((wake) => setTimeout(wake, delayMs(tries)));
    }
  }
}

/** What the server calls ours, and passes all the same: the repetition asks for a new address. */
const PASSING = new Set(["upload_part", "upload_busy"]);

function isPassing(problem: unknown): boolean {
  if (!(problem instanceof Refusal)) return false;
  const { status, code } = problem;
  return status === 0 || status === 408 || status >= 500 || PASSING.has(code);
}
