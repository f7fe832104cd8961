/**
 * Saves a draft by itself: a little after the last change, one request at a time, until the server
 * has it. Every change also lies in the browser from the moment it is made until the server says
 * that it holds it, so that neither a lost connection nor a closed tab loses a word.
 */

import type { Message } from "../../lib/api";
import { asProblem, type Problem } from "../../lib/problems";
import { type DraftChanges, type DraftContent, type DraftServer, leftoversOf } from "./draft";

/** `device`: kept here, the server is tried again; `refused`: the server will not take it as it is. */
export type SaveState = "untouched" | "saving" | "saved" | "device" | "refused";

export interface AutosaveOptions {
  id: string | null;
  content: DraftContent;
  server: DraftServer;
  onState: (state: SaveState, problem: Problem | null) => void;
  /** The draft has an address of its own now. */
  onCreated: (message: Message) => void;
  onSaved: (message: Message) => void;
  quietMs?: number;
  retryMs?: (tries: number) => number;
}

const QUIET_MS = 700;
const retryLater = (tries: number): number => Math.min(2000 * 2 ** tries, 30_000);

export class Autosave {
  private id: string | null;
  private content: DraftContent;
  private pending: DraftChanges = {};
  private running: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private isStopped = false;
  private readonly saveWhenOnline = () => void this.flush();

  constructor(private readonly options: AutosaveOptions) {
    this.id = options.id;
    this.content = options.content;
    this.pending = leftoversOf(this.id).read();
    this.content = { ...this.content, ...this.pending };
  }

  /** Begin; what was left over from last time is saved now. */
  start(): void {
    this.isStopped = false;
    addEventListener("online", this.saveWhenOnline);
    if (this.hasPending) this.schedule(0);
  }

  /** Leave the page: what is pending is sent, and stays in the browser should that fail. */
  stop(): void {
    removeEventListener("online", this.saveWhenOnline);
    if (this.hasPending) void this.flush();
    clearTimeout(this.timer);
    this.isStopped = true;
  }

  /** Forget everything that waits: the draft is being deleted. */
  abandon(): void {
    this.pending = {};
    leftoversOf(this.id).forget();
    this.stop();
  }

  get hasPending(): boolean {
    return Object.keys(this.pending).length > 0;
  }

  /** The content with everything that was changed, saved or not. */
  get current(): DraftContent {
    return this.content;
  }

  change(changes: DraftChanges): void {
    this.content = { ...this.content, ...changes };
    this.pending = { ...this.pending, ...changes };
    leftoversOf(this.id).write(this.pending);
    this.failures = 0;
    this.options.onState("saving", null);
    this.schedule(this.options.quietMs ?? QUIET_MS);
  }

  /** Save what is pending now. Resolves with the draft's id, or null when it is not on the server. */
  async flush(): Promise<string | null> {
    clearTimeout(this.timer);
    while (this.hasPending || this.running) {
      this.running ??= this.save().finally(() => {
        this.running = null;
      });
      const before = this.failures;
      await this.running;
      if (this.failures > before) break;
    }
    return this.hasPending ? null : this.id;
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    if (!this.isStopped) this.timer = setTimeout(() => void this.flush(), ms);
  }

  private async save(): Promise<void> {
    if (!this.hasPending) return;
    const sent = this.pending;
    this.options.onState("saving", null);
    try {
      const message = await this.send(sent);
      this.failures = 0;
      this.settle(sent);
      this.options.onSaved(message);
      this.options.onState(this.hasPending ? "saving" : "saved", null);
    } catch (error) {
      this.fail(asProblem(error));
    }
  }

  private async send(changes: DraftChanges): Promise<Message> {
    if (this.id) return this.options.server.change(this.id, changes);
    const message = await this.options.server.create(this.content);
    leftoversOf(null).forget();
    this.id = message.id;
    leftoversOf(this.id).write(this.pending);
    this.options.onCreated(message);
    return message;
  }

  /** What was sent and not changed since is on the server. */
  private settle(sent: DraftChanges): void {
    const left = Object.entries(this.pending).filter(
      ([field, value]) => !(field in sent) || sent[field as keyof DraftChanges] !== value,
    );
    this.pending = Object.fromEntries(left);
    if (left.length > 0) leftoversOf(this.id).write(this.pending);
    else leftoversOf(this.id).forget();
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
