/**
 * Saves captions by itself while they are corrected: a little after the last change, one request
 * at a time. What the server does not have yet lies in the browser.
 */

import { api, bodyOf, type Message } from "../../../lib/api";
import { asProblem, type Problem } from "../../../lib/problems";
import { giveCaptions } from "../../../lib/recordings";
import { tolerant } from "../../../lib/storage";
import type { SaveState } from "../autosave";

export interface CaptionServer {
  look(id: string): Promise<Message>;
  give(id: string, webvtt: string): Promise<Message>;
}

export const captionServer: CaptionServer = {
  look: (id) =>
    bodyOf(api.GET("/api/v1/messages/{message_id}", { params: { path: { message_id: id } } })),
  give: giveCaptions,
};

interface SavingOptions {
  id: string;
  /** The given captions as the server last told them. */
  known: string | null;
  server: CaptionServer;
  onState: (state: SaveState, problem: Problem | null) => void;
  onSaved: (message: Message) => void;
  quietMs?: number;
  retryMs?: (tries: number) => number;
}

const QUIET_MS = 1000;
const retryLater = (tries: number): number => Math.min(2000 * 2 ** tries, 30_000);

/** Signing out takes everything away that begins so. */
const keyOf = (id: string): string => `draft:captions:${id}`;

/** What was corrected here and has not reached the server, as WebVTT. */
export const leftCaptions = (id: string): string | null =>
  tolerant((held) => held.getItem(keyOf(id)));

/** Their message is deleted. */
export const forgetCaptions = (id: string): void =>
  void tolerant((held) => held.removeItem(keyOf(id)));

const leave = (id: string, webvtt: string): void =>
  void tolerant((held) => held.setItem(keyOf(id), webvtt));

export class CaptionSaving {
  private pending: string | null = null;
  private running: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private known: string | null;
  private failures = 0;
  private isStopped = false;
  private readonly saveWhenOnline = () => void this.flush();

  constructor(private readonly options: SavingOptions) {
    this.known = options.known;
  }

  start(): void {
    this.isStopped = false;
    addEventListener("online", this.saveWhenOnline);
  }

  /** Leave the page: what is pending is sent, and stays in the browser should that fail. */
  stop(): void {
    removeEventListener("online", this.saveWhenOnline);
    if (this.pending !== null) void this.flush();
    clearTimeout(this.timer);
    this.isStopped = true;
  }

  change(webvtt: string): void {
    this.pending = webvtt;
    this.failures = 0;
    leave(this.options.id, webvtt);
    this.options.onState("saving", null);
    this.schedule(this.options.quietMs ?? QUIET_MS);
  }

  /** What can't be saved as it is stays in the browser alone. */
  hold(webvtt: string): void {
    this.drop();
    leave(this.options.id, webvtt);
  }

  /** What is pending is not wanted any more: others take its place. */
  forget(known: string | null): void {
    this.drop();
    this.known = known;
    forgetCaptions(this.options.id);
  }

  private drop(): void {
    clearTimeout(this.timer);
    this.pending = null;
  }

  /** Keep what is here, whatever another window has done. */
  async insist(): Promise<void> {
    const theirs = await this.options.server.look(this.options.id).catch(() => null);
    if (theirs) this.known = theirs.captions_vtt;
    await this.flush();
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    while (this.pending !== null || this.running) {
      this.running ??= this.save().finally(() => {
        this.running = null;
      });
      const before = this.failures;
      await this.running;
      if (this.failures > before) break;
    }
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    if (!this.isStopped) this.timer = setTimeout(() => void this.flush(), ms);
  }

  private async save(): Promise<void> {
    const { options, pending: sent } = this;
    if (sent === null) return;
    options.onState("saving", null);
    try {
      const theirs = await options.server.look(options.id);
      if (theirs.captions_vtt !== this.known) return this.meet();
      const message = await options.server.give(options.id, sent);
      this.failures = 0;
      this.known = message.captions_vtt;
      if (this.pending === sent) this.forget(this.known);
      options.onSaved(message);
      options.onState(this.pending === null ? "saved" : "saving", null);
    } catch (error) {
      this.fail(asProblem(error));
    }
  }

  private meet(): void {
    this.failures += 1;
    this.options.onState("elsewhere", null);
  }

  private fail(problem: Problem): void {
    this.failures += 1;
    const isWaiting = problem.isPassing || problem.status === 401;
    this.options.onState(isWaiting ? "device" : "refused", problem);
    if (isWaiting && problem.status !== 401) {
      this.schedule((this.options.retryMs ?? retryLater)(this.failures - 1));
    }
  }
}
