/**
 * Sends a file in parts. A part that fails is tried again; after a reload, or on another day, the
 * same file goes on where it stopped, because the server knows which parts it holds.
 */

import { api, bodyOf, type Upload } from "./api";
import { Problem, problemFrom, unreachable } from "./problems";
import { tolerant } from "./storage";

export interface UploadOptions {
  kind: "photo" | "audio";
  file: Blob;
  filename: string;
  signal?: AbortSignal;
  /** 0..1 of the bytes; 1 is followed by the server's own check of the file. */
  onProgress?: (fraction: number) => void;
  /** The connection is lost, and the part waits to be sent again. */
  onWaiting?: (isWaiting: boolean) => void;
  /** Parts that lie on the server already are not sent. */
  onResume?: () => void;
  /** Milliseconds before the n-th repetition; tests shorten it. */
  delayMs?: (attempt: number) => number;
}

const TRIES = 6;
const backOff = (attempt: number): number => Math.min(500 * 2 ** attempt, 8000);

/** Upload the file and return the finished upload, or throw the problem that the server found. */
export async function uploadFile(options: UploadOptions): Promise<Upload> {
  const memory = rememberedAs(options);
  const upload = await openUpload(options, memory);
  memory.write(upload.id);
  if (upload.state === "complete") return upload;
  await sendMissingParts(upload, options);
  try {
    const finished = await persist(options, () =>
      bodyOf(
        api.POST("/api/v1/uploads/{upload_id}/complete", {
          params: { path: { upload_id: upload.id } },
          ...withSignal(options),
        }),
      ),
    );
    return finished;
  } catch (error) {
    // A file that was refused is refused again: the next try starts afresh.
    if (error instanceof Problem && !error.isPassing) memory.forget();
    throw error;
  }
}

/** Forget an upload that has been used up, so that the same file can be sent again. */
export function forgetUpload(options: Pick<UploadOptions, "kind" | "file" | "filename">): void {
  rememberedAs(options).forget();
}

async function openUpload(options: UploadOptions, memory: Memory): Promise<Upload> {
  const begun = memory.read();
  if (begun) {
    const held = await findUpload(begun, options);
    if (held) {
      if (held.parts.length > 0) options.onResume?.();
      return held;
    }
    memory.forget();
  }
  const body = {
    kind: options.kind,
    filename: options.filename.slice(0, 255) || "file",
    size_bytes: options.file.size,
    content_type: options.file.type.slice(0, 100) || null,
  };
  return persist(options, () =>
    bodyOf(api.POST("/api/v1/uploads", { body, ...withSignal(options) })),
  );
}

async function findUpload(id: string, options: UploadOptions): Promise<Upload | null> {
  try {
    const upload = await bodyOf(
      api.GET("/api/v1/uploads/{upload_id}", {
        params: { path: { upload_id: id } },
        ...withSignal(options),
      }),
    );
    return upload.size_bytes === options.file.size ? upload : null;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

async function sendMissingParts(upload: Upload, options: UploadOptions): Promise<void> {
  const held = new Set(upload.parts.map((part) => part.number));
  const count = Math.ceil(options.file.size / upload.part_size_bytes);
  let sentBytes = upload.parts.reduce((sum, part) => sum + part.size_bytes, 0);
  const report = (partBytes: number) =>
    options.onProgress?.(Math.min(1, (sentBytes + partBytes) / options.file.size));
  report(0);
  for (let number = 1; number <= count; number += 1) {
    if (held.has(number)) continue;
    const start = (number - 1) * upload.part_size_bytes;
    const piece = options.file.slice(start, start + upload.part_size_bytes);
    await persist(options, () => sendPart(upload.id, number, piece, options, report));
    sentBytes += piece.size;
    report(0);
  }
}

async function sendPart(
  id: string,
  number: number,
  piece: Blob,
  options: UploadOptions,
  onSent: (bytes: number) => void,
): Promise<void> {
  const sha256 = await sha256Of(piece);
  const address = await bodyOf(
    api.POST("/api/v1/uploads/{upload_id}/parts", {
      params: { path: { upload_id: id } },
      body: { number, ...(sha256 ? { sha256 } : {}) },
      ...withSignal(options),
    }),
  );
  await put(address.url, address.headers, piece, options.signal, onSent);
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
      else reject(problemFrom(request.status, parsed(request.responseText)));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(piece);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Repeat what a lost connection, a busy server or a part damaged on its way has stopped. */
async function persist<Answer>(
  options: UploadOptions,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    options.signal?.throwIfAborted();
    try {
      const answer = await attempt();
      options.onWaiting?.(false);
      return answer;
    } catch (error) {
      if (!isWorthRepeating(error) || tries + 1 >= TRIES) throw error;
      options.onWaiting?.(true);
      await pause((options.delayMs ?? backOff)(tries), options.signal);
    }
  }
}

/** An address that has expired is asked for anew by the repetition, a damaged part is sent anew. */
function isWorthRepeating(error: unknown): boolean {
  if (!(error instanceof Problem)) return false;
  return error.isPassing || error.code === "upload_checksum" || error.code === "upload_address";
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

const withSignal = (options: UploadOptions): { signal?: AbortSignal } =>
  options.signal ? { signal: options.signal } : {};

interface Memory {
  read(): string | null;
  write(id: string): void;
  forget(): void;
}

/** The browser's own note of which upload belongs to which file, by its name, size and date. */
function rememberedAs({
  kind,
  file,
  filename,
}: Pick<UploadOptions, "kind" | "file" | "filename">): Memory {
  const date = file instanceof File ? file.lastModified : 0;
  const key = `upload:${kind}:${filename}:${file.size}:${date}`;
  return {
    read: () => tolerant((held) => held.getItem(key)),
    write: (id) => void tolerant((held) => held.setItem(key, id)),
    forget: () => void tolerant((held) => held.removeItem(key)),
  };
}
