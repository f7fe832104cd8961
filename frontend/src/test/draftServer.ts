/** The server's side of one draft in memory, with the contract of the real one. */

import type { DraftChanges, DraftContent, DraftServer } from "../features/messages/draft";
import type { Message } from "../lib/api";
import { Problem, unreachable } from "../lib/problems";

export class FakeServer implements DraftServer {
  held: DraftContent | null = null;
  calls: ["create" | "change", DraftChanges][] = [];
  /** Thrown first, one a call; nothing is kept of such a call. */
  failures: Error[] = [];
  /** So many calls are done, and their answers are lost. */
  lostAnswers = 0;
  /** Answers wait for this. */
  gate: Promise<void> = Promise.resolve();
  private changes = 0;

  constructor(private readonly blank: DraftContent) {}

  get revision(): string {
    return `r${this.changes}`;
  }

  get message(): Message {
    return { id: "msg_1", revision: this.revision, ...this.held } as Message;
  }

  hold(content: DraftContent): void {
    this.held = { ...content };
  }

  /** Somebody else changes the draft. */
  elsewhere(changes: DraftChanges): void {
    this.held = { ...(this.held ?? this.blank), ...changes };
    this.changes += 1;
  }

  create = (content: DraftContent) => this.take("create", content, null);
  change = (_id: string, changes: DraftChanges, revision: string) =>
    this.take("change", changes, revision);
  look = async (_id: string) => this.message;

  private async take(
    kind: "create" | "change",
    changes: DraftChanges,
    revision: string | null,
  ): Promise<Message> {
    this.calls.push([kind, changes]);
    await this.gate;
    const failure = this.failures.shift();
    if (failure) throw failure;
    if (revision !== null && revision !== this.revision)
      throw new Problem("draft_changed", 412, "");
    this.elsewhere(changes);
    if (this.lostAnswers > 0) {
      this.lostAnswers -= 1;
      throw unreachable();
    }
    return this.message;
  }
}
