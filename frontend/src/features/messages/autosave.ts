/**
 * Saves a draft by itself: a little after the last change, one request at a time, until the server
 * has it. Every change also lies in the browser from the moment it is made until the server says
 * that it holds it, so that neither a lost connection nor a closed tab loses a word.
 *
 * The draft may be open elsewhere too. Nothing is written over that nobody here has seen: what the
 * other side changed is taken in, and where both changed the same field somebody has to choose.
 */

import type { Message } from "../../lib/api";
import { asProblem, type Problem } from "../../lib/problems";
import {
  contentOf,
  type DraftChanges,
  type DraftContent,
  type DraftServer,
  type Leftovers,
  leftoversOf,
  type Sent,
} from "./draft";
import {
  changed,
  chosen,
  conflictsOf,
  contentOn,
  type DraftField,
  differences,
  type Sides,
  sendable,
  settled,
  takenIn,
} from "./sides";

/**
 * `device`: kept here, the server is tried again; `refused`: the server will not take it as it is;
 * `elsewhere`: the same was changed elsewhere, and waits here until somebody chooses.
 */
export type SaveState = "untouched" | "saving" | "saved" | "device" | "refused" | "elsewhere";

export interface AutosaveOptions {
  id: string | null;
  content: DraftContent;
  /** The state of the message that `content` is from. */
  revision: string | null;
  server: DraftServer;
  onState: (state: SaveState, problem: Problem | null) => void;
  /** The draft has an address of its own now. */
  onCreated: (message: Message) => void;
  onSaved: (message: Message) => void;
  /** Fields that were changed elsewhere show what they were changed to. */
  onTakenIn: (fields: DraftField[]) => void;
  leftovers?: (id: string | null) => Leftovers;
  quietMs?: number;
  retryMs?: (tries: number) => number;
}

/** What is typed is saved when nothing was typed for as long as this. */
export const QUIET_MS = 700;
const retryLater = (tries: number): number => Math.min(2000 * 2 ** tries, 30_000);
/** Whoever is overtaken so often in a row waits a while before trying again. */
const MOST_OVERTAKEN = 5;

export class Autosave {
  private id: string | null;
  private revision: string;
  private sides: Sides;
  private leftovers: Leftovers;
  private running: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private overtaken = 0;
  private isStopped = false;
  private readonly saveWhenOnline = () => void this.flush();

  constructor(private readonly options: AutosaveOptions) {
    const { id, content: server } = options;
    this.id = id;
    this.revision = options.revision ?? "";
    this.leftovers = this.leftoversOf(id);
    const { mine, from, unsure } = this.leftovers.read();
    const none: Sides = { server, mine: {}, from: {}, unsure: null };
    // What was sent without an answer may yet arrive: whether it has, the next request will tell.
    this.sides = id
      ? { ...takenIn({ server, mine, from: { ...server, ...from }, unsure }, server), unsure }
      : changed(none, mine);
  }

  /** Begin; what was left over from last time is saved now. */
  start(): void {
    this.isStopped = false;
    addEventListener("online", this.saveWhenOnline);
    this.keep();
    if (this.hasWork) this.schedule(0);
    else if (this.hasPending) this.tell();
  }

  /** Leave the page: what is pending is sent, and stays in the browser should that fail. */
  stop(): void {
    removeEventListener("online", this.saveWhenOnline);
    if (this.hasWork) void this.flush();
    clearTimeout(this.timer);
    this.isStopped = true;
  }

  /** Forget everything that waits: the draft is being deleted. */
  abandon(): void {
    this.sides = { ...this.sides, mine: {}, from: {}, unsure: null };
    this.stop();
    // Whatever window has left them.
    this.leftovers.write(this.sides);
    this.leftovers.forget();
  }

  get hasPending(): boolean {
    return Object.keys(this.sides.mine).length > 0;
  }

  /** Whether there is something to send; what is disputed waits for a choice. */
  private get hasWork(): boolean {
    return this.sides.unsure !== null || Object.keys(sendable(this.sides)).length > 0;
  }

  /** The content with everything that was changed, saved or not. */
  get current(): DraftContent {
    return contentOn(this.sides);
  }

  /** Fields that were changed here and elsewhere; groups of fields by their first. */
  get conflicts(): DraftField[] {
    return conflictsOf(this.sides);
  }

  /** The draft as it is elsewhere. */
  get theirs(): DraftContent {
    return this.sides.server;
  }

  change(changes: DraftChanges): void {
    this.sides = changed(this.sides, withoutNul(changes));
    this.keep();
    this.failures = 0;
    this.tell();
    if (this.hasWork) this.schedule(this.options.quietMs ?? QUIET_MS);
  }

  /** Decide about a field that both sides have changed. */
  choose(field: DraftField, side: "mine" | "theirs"): void {
    this.sides = chosen(this.sides, field, side);
    this.keep();
    this.failures = 0;
    this.tell();
    if (this.hasWork) this.schedule(0);
  }

  /** The server has told of the message, maybe of changes that were made elsewhere. */
  learn(message: Message): void {
    const isMine = message.id === this.id && message.revision !== this.revision;
    if (!isMine || this.running) return;
    // As long as it isn't known what became of what was sent, the next request asks that.
    if (!this.sides.unsure) {
      this.takeIn(message);
      this.tell();
    }
    if (this.hasWork) this.schedule(0);
  }

  /** Save what is pending now. Resolves with the draft's id, or null when it is not on the server. */
  async flush(): Promise<string | null> {
    clearTimeout(this.timer);
    while ((this.hasWork || this.running) && !this.isFollowed) {
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
    // What may have arrived is sent as it was: only then its arrival can be told from a change.
    const sent = this.sides.unsure ?? { changes: sendable(this.sides), over: this.revision };
    if (Object.keys(sent.changes).length === 0) return;
    this.options.onState("saving", null);
    try {
      const message = await this.send(sent);
      this.failures = this.overtaken = 0;
      this.revision = message.revision;
      this.sides = settled(this.sides, sent.changes, contentOf(message));
      this.keep();
      this.options.onSaved(message);
      this.tell();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === "draft_changed" && this.id) await this.catchUp(this.id);
      else this.fail(problem);
    }
  }

  private async send(sent: Sent): Promise<Message> {
    if (this.id) {
      this.sides = { ...this.sides, unsure: sent };
      this.keep();
      return this.options.server.change(this.id, sent.changes, sent.over);
    }
    const message = await this.options.server.create(this.current);
    this.leftovers.forget();
    this.id = message.id;
    this.leftovers = this.leftoversOf(this.id);
    this.options.onCreated(message);
    return message;
  }

  /** See what was changed elsewhere; what is pending is tried again over it. */
  private async catchUp(id: string): Promise<void> {
    try {
      const message = await this.options.server.look(id);
      this.overtaken += 1;
      this.takeIn(message);
      this.options.onSaved(message);
      if (this.overtaken > MOST_OVERTAKEN) this.fail(asProblem(new TypeError("Overtaken")));
      else this.tell();
    } catch (error) {
      this.fail(asProblem(error));
    }
  }

  private takeIn(message: Message): void {
    const before = this.current;
    this.revision = message.revision;
    this.sides = takenIn(this.sides, contentOf(message));
    this.keep();
    const fields = differences(before, this.current);
    if (fields.length > 0) this.options.onTakenIn(fields);
  }

  /** Say how the draft stands after the server has answered, or somebody has chosen. */
  private tell(): void {
    const isDisputed = this.conflicts.length > 0;
    this.options.onState(this.hasWork ? "saving" : isDisputed ? "elsewhere" : "saved", null);
  }

  private leftoversOf(id: string | null): Leftovers {
    return (this.options.leftovers ?? leftoversOf)(id);
  }

  /** Whether the draft has been opened anew here since this was left: the newer one goes on. */
  private get isFollowed(): boolean {
    return this.isStopped && !this.leftovers.isOwn();
  }

  private keep(): void {
    if (this.isFollowed) return;
    if (this.hasPending || this.sides.unsure) this.leftovers.write(this.sides);
    else this.leftovers.forget();
  }

  private fail(problem: Problem): void {
    this.failures += 1;
    // Only an answer that never came leaves open whether the request has.
    if (problem.status !== 0 && problem.status !== 408) {
      this.sides = { ...this.sides, unsure: null };
      this.keep();
    }
    const isWaiting = problem.isPassing || problem.status === 401;
    this.options.onState(isWaiting ? "device" : "refused", problem);
    if (isWaiting && problem.status !== 401) {
      this.schedule((this.options.retryMs ?? retryLater)(this.failures - 1));
    }
  }
}

/** The server keeps no NUL: a text with one would never be the same on both sides. */
function withoutNul(changes: DraftChanges): DraftChanges {
  const clean = (value: unknown) =>
    typeof value === "string" ? value.replaceAll("\0", "") : value;
  return Object.fromEntries(
    Object.entries(changes).map(([field, value]) => [field, clean(value)]),
  ) as DraftChanges;
}
