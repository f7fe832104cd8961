/**
 * Sends a file in parts. A part that fails is tried again; after a reload, or on another day, the
 * same file goes on where it stopped, because the server knows which parts it holds.
 */

import { api, bodyOf, type Upload } from "./api";
import { Problem } from "./problems";
import { type Patience, persist, sendPart } from "./sending";
import { tolerant } from "./storage";

export interface UploadOptions extends Patience {
  kind: Upload["kind"];
  file: Blob;
  filename: string;
  /** 0..1 of the bytes; 1 is followed by the server's own check of the file. */
  onProgress?: (fraction: number) => void;
  /** Parts that lie on the server already are not sent. */
  onResume?: () => void;
}

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

async function openUpload(options: UploadOptions, memory: UploadMemory): Promise<Upload> {
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
    await persist(options, () => sendPart(upload.id, number, piece, options.signal, report));
    sentBytes += piece.size;
    report(0);
  }
}

const withSignal = (options: UploadOptions): { signal?: AbortSignal } =>
  options.signal ? { signal: options.signal } : {};

export interface UploadMemory {
  read(): string | null;
  write(id: string): void;
  forget(): void;
}

/** The browser's own note of which upload belongs to which file, by its name, size and date. */
export function rememberedAs({
  kind,
  file,
  filename,
}: Pick<UploadOptions, "kind" | "file" | "filename">): UploadMemory {
  const date = file instanceof File ? file.lastModified : 0;
  const key = `upload:${kind}:${filename}:${file.size}:${date}`;
  return {
    read: () => tolerant((held) => held.getItem(key)),
    write: (id) => void tolerant((held) => held.setItem(key, id)),
    forget: () => void tolerant((held) => held.removeItem(key)),
  };
}
