/**
 * Sends a take while it is still being recorded: each part as soon as its bytes are there, the rest
 * at the end. It never gives up for a lost connection, and goes on from the parts held after a crash.
 */

import { api, bodyOf, type Upload } from "./api";
import { heldFromStart, nextPart, partSize, recover } from "./parts";
import { asProblem, Problem } from "./problems";
import { type Patience, persist, sendPart } from "./sending";

/** The bytes of a take as far as they are there. */
export interface TakeSource {
  readonly bytes: number;
  /** Nothing more comes. */
  readonly isWhole: boolean;
  slice(start: number, end: number): Blob;
}

/**
 * `sending`: under way, or waiting for more to be recorded; `waiting`: the connection is lost;
 * `full`: the account's storage is used up; `done`; `refused`: the server will not take it.
 */
export type TakeUploadState = "sending" | "waiting" | "full" | "done" | "refused";

export interface TakeUploadFacts {
  state: TakeUploadState;
  /** Bytes that the server holds. */
  sentBytes: number;
  problem: Problem | null;
  /** The finished upload. */
  upload: Upload | null;
}

export interface TakeUploadOptions {
  source: TakeSource;
  filename: string;
  mimeType: string;
  /** Bytes of a file; null while a recording goes on. */
  sizeBytes: number | null;
  /** Where it was going before a crash. */
  uploadId: string | null;
  onBegun: (uploadId: string) => void;
  onFacts: (facts: TakeUploadFacts) => void;
  delayMs?: Patience["delayMs"];
}

/** Parts that were lost on the server are sent again so often before that is a problem. */
const COMPLETIONS = 3;

export class TakeUpload {
  private facts: TakeUploadFacts = { state: "sending", sentBytes: 0, problem: null, upload: null };
  private id: string | null;
  private partBytes = 0;
  private readonly held = new Set<number>();
  /** More than the source has, where the device's disk was full. */
  private serverBytes = 0;
  private mayLeaveRest = false;
  private readonly stopping = new AbortController();
  private tellNews: (() => void) | null = null;
  private isRunning = false;
  private isAskedAgain = false;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly options: TakeUploadOptions) {
    this.id = options.uploadId;
  }

  get state(): TakeUploadFacts {
    return this.facts;
  }

  /** There are more bytes, or nothing more comes. The first call begins. */
  wake(): void {
    this.tellNews?.();
    const { state } = this.facts;
    const isOver = state === "done" || state === "full" || state === "refused";
    if (this.isRunning || isOver || this.stopping.signal.aborted) return;
    this.isRunning = true;
    this.isAskedAgain = false;
    void this.run().finally(() => {
      this.isRunning = false;
      // Whoever was told of the end may ask for more before the run itself has ended.
      if (this.isAskedAgain) this.wake();
    });
  }

  private beginAgain(): void {
    this.isAskedAgain = this.isRunning;
    this.wake();
  }

  /** The account's storage is used up: make do with what the server holds. */
  leaveRest(): void {
    this.mayLeaveRest = true;
    this.retry();
  }

  /** Try again what was refused or had no room. */
  retry(): void {
    this.tell({ state: "sending", problem: null });
    this.beginAgain();
  }

  /** What was finished is no longer there: send all of it again. */
  startOver(): void {
    this.id = null;
    this.tell({ state: "sending", sentBytes: 0, upload: null, problem: null });
    this.beginAgain();
  }

  /** The finished upload; rejects with the problem that keeps it from finishing, or when stopped. */
  finished(): Promise<Upload> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const { state, upload, problem } = this.facts;
        if (upload) resolve(upload);
        else if (this.stopping.signal.aborted) reject(this.stopping.signal.reason);
        else if (problem && (state === "full" || state === "refused")) reject(problem);
        else return;
        this.waiting.delete(look);
      };
      this.waiting.add(look);
      look();
    });
  }

  /** Send no more; what the server holds stays there. */
  stop(): void {
    this.stopping.abort();
    for (const look of this.waiting) look();
  }

  /** Send no more, and let the server forget it. */
  async discard(): Promise<void> {
    this.stop();
    if (!this.id) return;
    const path = { upload_id: this.id };
    await api.DELETE("/api/v1/uploads/{upload_id}", { params: { path } }).catch(() => undefined);
  }

  private async run(): Promise<void> {
    try {
      await this.open();
      await this.sendAll();
      await this.complete();
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      const problem = asProblem(error);
      const isFull = problem.errors.some(({ code }) => code === "quota_reached");
      const state = isFull || problem.code === "quota_reached" ? "full" : "refused";
      this.tell({ state, problem });
    }
  }

  private async open(): Promise<void> {
    const begun = this.id ? await this.find(this.id) : null;
    const upload = begun ?? (await this.begin());
    this.id = upload.id;
    this.partBytes = upload.part_size_bytes;
    const { bytes, held, longest } = recover(this.source.bytes, upload.parts, this.partBytes);
    this.serverBytes = longest === "server" ? bytes : 0;
    this.held.clear();
    for (const number of held) this.held.add(number);
    this.options.onBegun(upload.id);
    this.tell({ state: "sending", sentBytes: heldFromStart(upload.parts, this.partBytes) });
    if (upload.state === "complete") this.finish(upload);
  }

  private async find(id: string): Promise<Upload | null> {
    try {
      const params = { path: { upload_id: id } };
      const upload = await this.persist(() =>
        bodyOf(api.GET("/api/v1/uploads/{upload_id}", { params, ...this.signal })),
      );
      const { sizeBytes } = this.options;
      return sizeBytes === null || upload.size_bytes === sizeBytes ? upload : null;
    } catch (error) {
      // It was forgotten there after its time; everything is sent again.
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    }
  }

  private begin(): Promise<Upload> {
    const { filename, mimeType, sizeBytes } = this.options;
    const body = {
      kind: "video" as const,
      filename: filename.slice(0, 255) || "recording",
      size_bytes: sizeBytes,
      content_type: mimeType.slice(0, 100) || null,
    };
    return this.persist(() => bodyOf(api.POST("/api/v1/uploads", { body, ...this.signal })));
  }

  private async sendAll(): Promise<void> {
    while (!this.mayLeaveRest && this.facts.state !== "done") {
      const { bytes, isWhole } = this;
      const number = nextPart(this.held, bytes, this.partBytes, isWhole);
      if (number !== null) await this.send(number, bytes);
      else if (isWhole) return;
      else await this.news();
    }
  }

  private async send(number: number, bytes: number): Promise<void> {
    const start = (number - 1) * this.partBytes;
    const piece = this.source.slice(start, start + partSize(bytes, this.partBytes, number));
    const id = this.id ?? "";
    const { signal } = this.stopping;
    await this.persist(() => sendPart(id, number, piece, signal, () => undefined));
    this.held.add(number);
    this.tell({ sentBytes: this.facts.sentBytes + piece.size });
  }

  private async complete(tries = 1): Promise<void> {
    if (this.facts.state === "done") return;
    const path = { upload_id: this.id ?? "" };
    const size_bytes = this.mayLeaveRest ? this.facts.sentBytes : this.bytes;
    try {
      this.finish(
        await this.persist(() =>
          bodyOf(
            api.POST("/api/v1/uploads/{upload_id}/complete", {
              params: { path },
              body: { size_bytes },
              ...this.signal,
            }),
          ),
        ),
      );
    } catch (error) {
      const isIncomplete = asProblem(error).errors.some(({ code }) => code === "upload_incomplete");
      if (!isIncomplete || tries >= COMPLETIONS) throw error;
      await this.open();
      await this.sendAll();
      await this.complete(tries + 1);
    }
  }

  private finish(upload: Upload): void {
    this.tell({ state: "done", sentBytes: this.bytes, upload, problem: null });
  }

  private get source(): TakeSource {
    return this.options.source;
  }

  private get bytes(): number {
    return Math.max(this.source.bytes, this.serverBytes);
  }

  private get isWhole(): boolean {
    return this.source.isWhole;
  }

  private get signal(): { signal: AbortSignal } {
    return { signal: this.stopping.signal };
  }

  private persist<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
    const { delayMs } = this.options;
    const patience: Patience = {
      ...this.signal,
      tries: Number.POSITIVE_INFINITY,
      onWaiting: (isWaiting) => this.tell({ state: isWaiting ? "waiting" : "sending" }),
      ...(delayMs ? { delayMs } : {}),
    };
    return persist(patience, attempt);
  }

  private news(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.tellNews = resolve;
      this.stopping.signal.addEventListener("abort", () => reject(this.stopping.signal.reason), {
        once: true,
      });
    });
  }

  private tell(changes: Partial<TakeUploadFacts>): void {
    this.facts = { ...this.facts, ...changes };
    this.options.onFacts(this.facts);
    for (const look of this.waiting) look();
  }
}

/** A name by the recorder's type, as it would be called on a disk. */
export const fileNameOf = (mimeType: string): string =>
  mimeType.includes("mp4") ? "recording.mp4" : "recording.webm";
