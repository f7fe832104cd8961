/** One take, from its first chunk until it is a message: on this device and on the server at once. */

import type { Upload } from "./api";
import { isDiskFull } from "./database";
import { piecesBetween } from "./parts";
import {
  dropTake,
  keepChunk,
  keepTake,
  type SpooledTake,
  spooledChunks,
  spooledTake,
  spooledTakes,
} from "./spool";
import { fileNameOf, type TakeSource, TakeUpload, type TakeUploadFacts } from "./takeUpload";
import { rememberedAs, type UploadMemory } from "./upload";

/** Whether the device keeps the take: its disk may be full, or there may be no database at all. */
export type Keeping = "kept" | "full" | "unavailable";

export interface TakeFacts {
  bytes: number;
  durationS: number;
  isWhole: boolean;
  keeping: Keeping;
  upload: TakeUploadFacts;
}

export interface NewTake {
  accountId: string;
  mimeType: string;
  title: string;
  script: string;
}

export class Take implements TakeSource {
  private readonly sizes: number[];
  private readonly upload: TakeUpload;
  private readonly listeners = new Set<() => void>();
  private writing: Promise<void> = Promise.resolve();
  private keeping: Keeping = "kept";
  private durationS: number;
  private release: (() => void) | null = null;
  private url: string | null = null;
  bytes: number;

  private constructor(
    private record: SpooledTake,
    private readonly chunks: Blob[],
    public isWhole: boolean,
    /** A file lies on the disk already: it is not spooled, only where it goes is remembered. */
    private readonly file: { name: string; memory: UploadMemory } | null = null,
  ) {
    this.sizes = chunks.map((chunk) => chunk.size);
    this.bytes = this.sizes.reduce((sum, size) => sum + size, 0);
    this.durationS = record.durationS;
    this.upload = new TakeUpload({
      source: this,
      filename: file?.name ?? fileNameOf(record.mimeType),
      mimeType: record.mimeType,
      sizeBytes: file ? this.bytes : null,
      uploadId: record.uploadId,
      onBegun: (uploadId) => this.note({ uploadId }),
      onFacts: () => this.tell(),
    });
    this.facts = this.currentFacts();
  }

  /** An immutable picture of how it stands, for `useSyncExternalStore`. */
  facts: TakeFacts;
  readonly snapshot = (): TakeFacts => this.facts;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Begin a take that is about to be recorded. */
  static begin(wish: NewTake): Take {
    const take = new Take({ ...blank(), ...wish }, [], false);
    take.hold();
    take.note({});
    return take;
  }

  /** A video from the disk, sent as it is. */
  static ofFile(file: File, accountId: string): Take {
    const memory = rememberedAs({ kind: "video", file, filename: file.name });
    const known = { accountId, mimeType: file.type, uploadId: memory.read() };
    const take = new Take({ ...blank(), ...known }, [file], true, { name: file.name, memory });
    take.upload.wake();
    return take;
  }

  /** Take up what lies on this device; null when it is gone, or another tab has it. */
  static async recover(id: string, accountId: string): Promise<Take | null> {
    const record = await spooledTake(id);
    if (!record || record.accountId !== accountId || (await heldTakes()).has(id)) return null;
    const take = new Take(record, await spooledChunks(record), true);
    take.hold();
    take.upload.wake();
    return take;
  }

  get id(): string {
    return this.record.id;
  }

  get mimeType(): string {
    return this.record.mimeType;
  }

  get title(): string {
    return this.record.title;
  }

  get script(): string {
    return this.record.script;
  }

  /** Add what the recorder gave; phones give empty chunks, which mean nothing. */
  append(chunk: Blob, durationS: number): void {
    if (chunk.size === 0) return;
    this.chunks.push(chunk);
    this.sizes.push(chunk.size);
    this.bytes += chunk.size;
    this.durationS = durationS;
    this.spool(chunk, durationS);
    this.upload.wake();
    this.tell();
  }

  /** Nothing more comes. */
  finish(durationS: number): void {
    this.durationS = durationS;
    this.isWhole = true;
    this.note({ durationS });
    this.upload.wake();
    this.tell();
  }

  slice(start: number, end: number): Blob {
    const pieces = piecesBetween(this.sizes, start, end);
    return new Blob(pieces.map(({ chunk, from, to }) => this.chunks[chunk]?.slice(from, to) ?? ""));
  }

  /** An address of this page at which the take can be played and saved. */
  get playUrl(): string {
    const type = this.mimeType.split(";")[0] ?? "";
    this.url ??= URL.createObjectURL(new Blob(this.chunks, { type }));
    return this.url;
  }

  /** Keep what the sender has typed beside the take. */
  describe(words: { title?: string; script?: string }): void {
    this.note(words);
  }

  /** The finished upload; rejects with what keeps it from finishing. */
  uploaded(): Promise<Upload> {
    return this.upload.finished();
  }

  retry(): void {
    this.upload.retry();
  }

  /** The server has lost it meanwhile: send all of it again. */
  sendAgain(): void {
    this.upload.startOver();
  }

  /** The server has no room for the rest: make do with what it holds. */
  leaveRest(): void {
    this.upload.leaveRest();
  }

  /** A message has it now: nothing of it stays on this device. */
  async letGo(): Promise<void> {
    this.close();
    this.file?.memory.forget();
    await this.writing;
    await dropTake(this.id).catch(() => undefined);
  }

  /** It is not wanted: nothing of it stays anywhere. */
  async discard(): Promise<void> {
    await Promise.all([this.upload.discard(), this.letGo()]);
  }

  /** Leave the page: what lies on the device and on the server stays. */
  close(): void {
    this.upload.stop();
    void this.writing.then(() => this.release?.());
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
  }

  private spool(chunk: Blob, durationS: number): void {
    // After a gap nothing could be played: a full disk ends the keeping, not the recording.
    this.queue(async () => {
      if (this.keeping !== "kept") return;
      const { bytes, chunkCount } = this.record;
      const grown = { bytes: bytes + chunk.size, chunkCount: chunkCount + 1, durationS };
      await keepChunk({ ...this.record, ...grown }, chunk);
      this.record = { ...this.record, ...grown };
    });
  }

  private note(changes: Partial<SpooledTake>): void {
    if (changes.uploadId) this.file?.memory.write(changes.uploadId);
    this.queue(async () => {
      this.record = { ...this.record, ...changes };
      if (!this.file) await keepTake(this.record);
    });
  }

  private queue(write: () => Promise<void>): void {
    this.writing = this.writing.then(write).catch((error) => {
      if (this.keeping === "kept") this.keeping = isDiskFull(error) ? "full" : "unavailable";
      this.tell();
    });
  }

  /** While a tab has the take, no other offers it; a tab that crashes lets go by itself. */
  private hold(): void {
    const held = new Promise<void>((release) => {
      this.release = release;
    });
    const whileHeld = navigator.locks ? navigator.locks.request(lockOf(this.id), () => held) : held;
    void whileHeld.then(() => orphans.dispatchEvent(new Event("change")));
  }

  private tell(): void {
    this.facts = this.currentFacts();
    for (const listener of this.listeners) listener();
  }

  private currentFacts(): TakeFacts {
    const { bytes, durationS, isWhole, keeping } = this;
    return { bytes, durationS, isWhole, keeping, upload: this.upload.state };
  }
}

function blank(): SpooledTake {
  const startedMs = Date.now();
  const id = `take_${startedMs.toString(36)}${crypto.randomUUID().slice(0, 8)}`;
  const nothing = { durationS: 0, bytes: 0, chunkCount: 0, uploadId: null };
  return { id, startedMs, accountId: "", mimeType: "", title: "", script: "", ...nothing };
}

/** Tells "change" whenever this page has let go of a take. */
export const orphans = new EventTarget();

const lockOf = (id: string): string => `take:${id}`;

/** The takes that some tab is at work on. */
async function heldTakes(): Promise<Set<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map((lock) => (lock.name ?? "").replace(/^take:/, "")));
}

/** Takes of this account that were cut short or never sent, and that no tab is at work on. */
export async function orphanTakes(accountId: string): Promise<SpooledTake[]> {
  const [takes, held] = await Promise.all([spooledTakes(accountId), heldTakes()]);
  return takes.filter((take) => take.bytes + (take.uploadId ? 1 : 0) > 0 && !held.has(take.id));
}

/** Remove a take that nobody wants any more, here and on the server. */
export async function discardOrphan(take: SpooledTake): Promise<void> {
  const upload = new TakeUpload({
    source: { bytes: 0, isWhole: true, slice: () => new Blob() },
    filename: "",
    mimeType: take.mimeType,
    sizeBytes: null,
    uploadId: take.uploadId,
    onBegun: () => undefined,
    onFacts: () => undefined,
  });
  await Promise.all([upload.discard(), dropTake(take.id)]);
}

/** Remove every take of this account from this device. */
export async function forgetTakes(accountId: string): Promise<void> {
  const takes = await spooledTakes(accountId).catch((): SpooledTake[] => []);
  await Promise.all(takes.map((take) => dropTake(take.id)));
}
