/** Two devices, one draft, a bad connection: by chance, but the same chance each time. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message } from "../../lib/api";
import { unreachable } from "../../lib/problems";
import { FakeServer } from "../../test/draftServer";
import { Autosave } from "./autosave";
import { BLANK, type DraftChanges, type DraftContent, leftoversOf } from "./draft";
import type { DraftField } from "./sides";

const RUNS = 60;
const STEPS = 40;
type Text = "title" | "script" | "title_card";

/** A browser's storage of its own. */
class Kept implements Storage {
  private readonly items = new Map<string, string>();
  [name: string]: unknown;
  get length(): number {
    return this.items.size;
  }
  key = (at: number): string | null => [...this.items.keys()][at] ?? null;
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, text: string): void => void this.items.set(key, text);
  removeItem = (key: string): void => void this.items.delete(key);
  clear = (): void => this.items.clear();
}

/** Numbers of [0, 1) that are the same for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A tab that is closed and opened again, behind a connection that loses requests and answers. */
class Device {
  autosave!: Autosave;
  /** Everything that somebody here has seen in a field. */
  readonly seen = new Map<string, Set<unknown>>();
  hadConflict = false;
  isCalm = false;
  private readonly storage = new Kept();
  private generation = 0;

  constructor(
    private readonly server: FakeServer,
    private readonly random: () => number,
    private readonly onWritten: (device: Device, changes: DraftChanges) => void,
  ) {
    this.open();
  }

  open(): void {
    this.generation += 1;
    const generation = this.generation;
    this.autosave = new Autosave({
      id: "msg_1",
      content: { ...(this.server.held as DraftContent) },
      revision: this.server.revision,
      server: {
        create: () => Promise.reject(new Error("There is one already.")),
        change: (id, changes, revision) =>
          this.over(async () => {
            const answer = await this.server.change(id, changes, revision);
            this.onWritten(this, changes);
            return answer;
          }),
        look: (id) => this.over(() => this.server.look(id)),
      },
      onState: () => generation === this.generation && this.look(),
      onCreated: () => undefined,
      onSaved: () => undefined,
      onTakenIn: () => undefined,
      leftovers: (id) => leftoversOf(id, () => this.storage),
      retryMs: () => 3000,
    });
    this.look();
    this.autosave.start();
  }

  close(): void {
    this.autosave.stop();
  }

  change(changes: DraftChanges): void {
    this.autosave.change(changes);
    this.look();
  }

  choose(field: DraftField, side: "mine" | "theirs"): void {
    this.see(field, this.autosave.theirs[field]);
    this.autosave.choose(field, side);
    this.look();
  }

  look(): void {
    if (!this.autosave) return;
    if (this.autosave.conflicts.length > 0) this.hadConflict = true;
    for (const [field, value] of Object.entries(this.autosave.current)) this.see(field, value);
  }

  private see(field: string, value: unknown): void {
    this.seen.set(field, (this.seen.get(field) ?? new Set()).add(JSON.stringify(value)));
  }

  private async over(call: () => Promise<Message>): Promise<Message> {
    await this.way();
    if (!this.isCalm && this.random() < 0.2) throw unreachable();
    const answer = await call();
    await this.way();
    if (!this.isCalm && this.random() < 0.2) throw unreachable();
    return answer;
  }

  private way(): Promise<void> {
    return new Promise((arrive) => setTimeout(arrive, this.isCalm ? 10 : this.random() * 1500));
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function begin(seed: number) {
  const random = chance(seed);
  const server = new FakeServer(BLANK);
  server.hold({ ...BLANK, script: "begun" });
  const values = new Map<string, unknown>(Object.entries(server.held as DraftContent));
  const unseen: string[] = [];
  const written = (device: Device, changes: DraftChanges) => {
    for (const [field, value] of Object.entries(changes)) {
      const before = JSON.stringify(values.get(field));
      if (before !== JSON.stringify(value) && !device.seen.get(field)?.has(before)) {
        unseen.push(`${field}: ${before}`);
      }
      values.set(field, value);
    }
  };
  const device = () => new Device(server, random, written);
  return { random, server, unseen, device };
}

/** One thing that somebody does, or nothing, and some time. */
async function step(device: Device, random: () => number, fields: readonly Text[], name: string) {
  const what = random();
  if (what < 0.6) {
    const field = fields[Math.floor(random() * fields.length)] as Text;
    device.change({ [field]: `${device.autosave.current[field].slice(0, 30)}${name}` });
  } else if (what < 0.7) {
    device.close();
    await vi.advanceTimersByTimeAsync(random() * 1000);
    device.open();
  } else if (what < 0.8) {
    const [field] = device.autosave.conflicts;
    if (field) device.choose(field, random() < 0.5 ? "mine" : "theirs");
  }
  await vi.advanceTimersByTimeAsync(random() * 2500);
}

/** The connection is good now, and whoever has to choose does. */
async function comeToRest(devices: Device[], server: FakeServer): Promise<void> {
  for (const device of devices) device.isCalm = true;
  for (let round = 0; round < 6; round += 1) {
    await vi.advanceTimersByTimeAsync(20_000);
    for (const device of devices) {
      device.autosave.learn(server.message);
      for (const field of device.autosave.conflicts) device.choose(field, "mine");
    }
  }
}

test("one device alone never has a conflict, and loses nothing", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { random, server, device } = begin(seed);
    const only = device();
    const fields = ["title", "script", "title_card"] as const;
    for (let at = 0; at < STEPS; at += 1) await step(only, random, fields, `${at},`);
    const typed = only.autosave.current;
    await comeToRest([only], server);
    expect([seed, only.hadConflict, server.held]).toEqual([seed, false, typed]);
    only.close();
  }
});

test("two that write in different fields never have one, and both keep all", async () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { random, server, device } = begin(seed);
    const [one, other] = [device(), device()];
    for (let at = 0; at < STEPS; at += 1) {
      await step(one, random, ["script"], `${at},`);
      await step(other, random, ["title", "title_card"], `${at};`);
    }
    const typed = [one.autosave.current.script, other.autosave.current.title];
    await comeToRest([one, other], server);
    expect([seed, one.hadConflict, other.hadConflict]).toEqual([seed, false, false]);
    expect([server.held?.script, server.held?.title]).toEqual(typed);
    expect(one.autosave.current).toEqual(server.held);
    expect(other.autosave.current).toEqual(server.held);
    one.close();
    other.close();
  }
});

test("two that write in the same field write over nothing that they have not seen", async () => {
  let conflicts = 0;
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { random, server, unseen, device } = begin(seed);
    const [one, other] = [device(), device()];
    for (let at = 0; at < STEPS; at += 1) {
      await step(one, random, ["script", "title"], `${at},`);
      await step(other, random, ["script", "title"], `${at};`);
    }
    await comeToRest([one, other], server);
    expect([seed, unseen]).toEqual([seed, []]);
    expect(one.autosave.current).toEqual(server.held);
    expect(other.autosave.current).toEqual(server.held);
    conflicts += Number(one.hadConflict) + Number(other.hadConflict);
    one.close();
    other.close();
  }
  expect(conflicts).toBeGreaterThan(RUNS);
});
