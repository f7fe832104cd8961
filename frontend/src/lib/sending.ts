/** Sends the parts of an upload, and does not give up because a connection is lost. */

import { api, bodyOf } from "./api";
import { Problem, problemFrom, unreachable } from "./problems";

export interface Patience {
  signal?: AbortSignal;
  /** The connection is lost, and the request waits to be sent again. */
  onWaiting?: (isWaiting: boolean) => void;
  /** Milliseconds before the n-th repetition; tests shorten it. */
  delayMs?: (attempt: number) => number;
  /** How often it is tried at most; what is being recorded is tried for as long as it takes. */
  tries?: number;
}

const TRIES = 6;
const backOff = (attempt: number): number => Math.min(500 * 2 ** attempt, 8000);
/** Problems of the moment, although the server calls them ours. */
const REPEATED = new Set(["upload_checksum", "upload_address", "upload_busy"]);
/** What S3 answers, where parts go there directly, in our codes: the address, or the bytes. */
const TOLD_BY_S3: Record<string, string> = {
  AccessDenied: "upload_address",
  ExpiredToken: "upload_address",
  RequestTimeTooSkewed: "upload_address",
  SignatureDoesNotMatch: "upload_address",
  BadDigest: "upload_checksum",
  IncompleteBody: "upload_checksum",
};

/** Send one part of an upload, with its sha-256 where the browser can tell it. */
export async function sendPart(
  id: string,
  number: number,
  piece: Blob,
  signal: AbortSignal | undefined,
  onSent: (bytes: number) => void,
): Promise<void> {
  const sha256 = await sha256Of(piece);
  const address = await bodyOf(
    api.POST("/api/v1/uploads/{upload_id}/parts", {
      params: { path: { upload_id: id } },
      body: { number, size_bytes: piece.size, ...(sha256 ? { sha256 } : {}) },
      ...(signal ? { signal } : {}),
    }),
  );
  await put(address.url, address.headers, piece, signal, onSent);
}

/** Hex SHA-256, or null where the browser has none: plain http from afar. */
async function sha256Of(piece: Blob): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(await piece.arrayBuffer()));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `fetch` cannot tell how much has been sent; XMLHttpRequest can. */
function put(
  url: string,
  headers: Record<string, string>,
  piece: Blob,
  signal: AbortSignal | undefined,
  onSent: (bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(refusal(request.status, request.responseText));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(piece);
  });
}

/** We answer in JSON, S3 in XML. What it says but these codes passes: it was busy, or slow. */
function refusal(status: number, text: string): Problem {
  const told = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
  if (!told) return problemFrom(status, parsed(text));
  const code = TOLD_BY_S3[told];
  return code ? new Problem(code, status, "") : unreachable();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Repeat what a lost connection, a busy server or a part damaged on its way has stopped. */
export async function persist<Answer>(
  options: Patience,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    options.signal?.throwIfAborted();
    try {
      const answer = await attempt();
      options.onWaiting?.(false);
      return answer;
    } catch (error) {
      if (!isWorthRepeating(error) || tries + 1 >= (options.tries ?? TRIES)) throw error;
      options.onWaiting?.(true);
      await pause((options.delayMs ?? backOff)(tries), options.signal);
    }
  }
}

/** An address that has expired is asked for anew by the repetition, a damaged part is sent anew. */
function isWorthRepeating(error: unknown): boolean {
  if (!(error instanceof Problem)) return false;
  return error.isPassing || REPEATED.has(error.code);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    // Back online is the best moment of all.
    globalThis.addEventListener("online", done, { once: true });
    signal?.addEventListener("abort", stop, { once: true });
    function tidy() {
      clearTimeout(timer);
      globalThis.removeEventListener("online", done);
      signal?.removeEventListener("abort", stop);
    }
    function done() {
      tidy();
      resolve();
    }
    function stop() {
      tidy();
      reject(new DOMException("The upload was stopped.", "AbortError"));
    }
  });
}
