import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Message } from "../../lib/api";
import { Problem, unreachable } from "../../lib/problems";
import { Autosave, type SaveState } from "./autosave";
import { BLANK as BLANK_JA, type DraftChanges, type DraftContent, leftoversOf } from "./draft";

const BLANK: DraftContent = { ...BLANK_JA, language: "en" };

/** The server's side of drafts in memory; `failures` are thrown first, one a call. */
class DraftServer {
  held: DraftContent | null = null;
  calls: ["create" | "change", DraftChanges][] = [];
  failures: Error[] = [];
  /** Answers wait for this. */
  gate: Promise<void> = Promise.resolve();

  create = (content: DraftContent) => this.take("create", content);
  change = (_id: string, changes: DraftChanges) => this.take("change", changes);

  private async take(kind: "create" | "change", changes: DraftChanges): Promise<Message> {
    this.calls.push([kind, changes]);
    await this.gate;
    const failure = this.failures.shift();
    if (failure) throw failure;
    this.held = { ...(this.held ?? BLANK), ...changes };
    return { id: "msg_1", ...this.held } as Message;
  }
}

let server: DraftServer;
let states: SaveState[];
let created: string[];
let autosave: Autosave;

function open(id: string | null = null, content = BLANK): Autosave {
  autosave = new Autosave({
    id,
    content,
    server,
    onState: (state) => states.push(state),
    onCreated: (message) => created.push(message.id),
    onSaved: () => undefined,
  });
  autosave.start();
  return autosave;
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new DraftServer();
  states = [];
  created = [];
});
afterEach(() => {
  autosave.stop();
  vi.useRealTimers();
});
const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("Autosave", () => {
  test("opening an empty page saves nothing", async () => {
    open();
    await passes(60_000);
    expect(server.calls).toEqual([]);
  });

  test("the first words make a draft, what follows changes it", async () => {
    open();
    autosave.change({ script: "Hel" });
    autosave.change({ script: "Hello" });
    await passes(1000);
    autosave.change({ title: "Hi" });
    await passes(1000);
    expect(server.calls).toEqual([
      ["create", { ...BLANK, script: "Hello" }],
      ["change", { title: "Hi" }],
    ]);
    expect(created).toEqual(["msg_1"]);
    expect(states.at(-1)).toBe("saved");
  });

  test("never has two requests on their way, and loses no word typed meanwhile", async () => {
    let release = () => {};
    server.gate = new Promise((resolve) => {
      release = resolve;
    });
    open();
    autosave.change({ script: "one" });
    await passes(1000);
    autosave.change({ script: "one two" });
    await passes(5000);
    expect(server.calls).toHaveLength(1);
    release();
    await passes(1000);
    expect(server.calls.map(([kind]) => kind)).toEqual(["create", "change"]);
    expect(server.held?.script).toBe("one two");
    expect(states.at(-1)).toBe("saved");
  });

  test("keeps the words on the device while the server is away, then saves them", async () => {
    server.failures = [unreachable(), unreachable()];
    open("msg_1");
    autosave.change({ script: "kept" });
    await passes(1000);
    expect(states.at(-1)).toBe("device");
    expect(leftoversOf("msg_1").read()).toEqual({ script: "kept" });
    await passes(60_000);
    expect(server.held?.script).toBe("kept");
    expect(states.at(-1)).toBe("saved");
    expect(leftoversOf("msg_1").read()).toEqual({});
  });

  test("is tried again at once when the connection is back", async () => {
    server.failures = [unreachable()];
    open("msg_1");
    autosave.change({ script: "kept" });
    await passes(1000);
    window.dispatchEvent(new Event("online"));
    await passes(0);
    expect(server.held?.script).toBe("kept");
  });

  test("brings back what a closed tab left over, and saves it", async () => {
    leftoversOf("msg_1").write({ script: "typed before the crash" });
    open("msg_1", { ...BLANK, script: "older" });
    expect(autosave.current.script).toBe("typed before the crash");
    await passes(100);
    expect(server.held?.script).toBe("typed before the crash");
  });

  test("a draft that never reached the server is there again on the next new page", async () => {
    server.failures = Array.from({ length: 20 }, unreachable);
    open();
    autosave.change({ script: "offline" });
    await passes(5000);
    autosave.stop();
    server.failures = [];
    open();
    expect(autosave.current.script).toBe("offline");
    await passes(1000);
    expect(server.calls.at(-1)?.[0]).toBe("create");
    autosave.stop();
    open();
    expect(autosave.hasPending).toBe(false);
  });

  test("leaving sends what is pending", async () => {
    open("msg_1");
    autosave.change({ script: "last words" });
    autosave.stop();
    await passes(0);
    expect(server.held?.script).toBe("last words");
  });

  test("a refusal is told, keeps the words, and is not repeated by itself", async () => {
    server.failures = [new Problem("conflict_state", 409, "")];
    open("msg_1");
    autosave.change({ script: "too late" });
    await passes(60_000);
    expect(states.at(-1)).toBe("refused");
    expect(server.calls).toHaveLength(1);
    expect(leftoversOf("msg_1").read()).toEqual({ script: "too late" });
  });

  test("flush says whether the server has it all", async () => {
    server.failures = [unreachable()];
    open();
    autosave.change({ script: "now" });
    expect(await autosave.flush()).toBeNull();
    expect(await autosave.flush()).toBe("msg_1");
  });

  test("a deleted draft is not saved any more", async () => {
    open("msg_1");
    autosave.change({ script: "gone" });
    autosave.abandon();
    await passes(60_000);
    expect(server.calls).toEqual([]);
    expect(leftoversOf("msg_1").read()).toEqual({});
  });
});

test("leftovers believe no nonsense in the storage", () => {
  localStorage.setItem("draft:msg_1", '{"script": 4, "title": "T", "state": "ready"}');
  expect(leftoversOf("msg_1").read()).toEqual({ title: "T" });
  localStorage.setItem("draft:msg_1", "{{");
  expect(leftoversOf("msg_1").read()).toEqual({});
});
