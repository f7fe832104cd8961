import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem, unreachable } from "../../lib/problems";
import { FakeServer } from "../../test/draftServer";
import { Autosave, type SaveState } from "./autosave";
import {
  BLANK as BLANK_JA,
  type DraftChanges,
  type DraftContent,
  leftoversOf,
  type Sent,
} from "./draft";
import type { DraftField } from "./sides";

const BLANK: DraftContent = { ...BLANK_JA, language: "en" };
const mineIn = (id: string | null) => leftoversOf(id).read().mine;
const leave = (mine: DraftChanges, from: DraftChanges, unsure: Sent | null = null) =>
  leftoversOf("msg_1").write({ mine, from, unsure });

let server: FakeServer;
let states: SaveState[];
let created: string[];
let taken: DraftField[];
let autosave: Autosave;

function open(id: string | null = null, content = BLANK): Autosave {
  if (id) server.hold(content);
  autosave = new Autosave({
    id,
    content,
    revision: server.revision,
    server,
    onState: (state) => states.push(state),
    onCreated: (message) => created.push(message.id),
    onSaved: () => undefined,
    onTakenIn: (fields) => taken.push(...fields),
  });
  autosave.start();
  return autosave;
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer(BLANK);
  states = [];
  created = [];
  taken = [];
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
    expect(mineIn("msg_1")).toEqual({ script: "kept" });
    await passes(60_000);
    expect(server.held?.script).toBe("kept");
    expect(states.at(-1)).toBe("saved");
    expect(mineIn("msg_1")).toEqual({});
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
    leave({ script: "typed before the crash" }, { script: "older" });
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
    expect(mineIn("msg_1")).toEqual({ script: "too late" });
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
    expect(mineIn("msg_1")).toEqual({});
  });
});

describe("a draft that is open elsewhere too", () => {
  test("what was changed there in other fields is taken in, and both are saved", async () => {
    open("msg_1", { ...BLANK, script: "one" });
    server.elsewhere({ title: "Theirs" });
    autosave.change({ script: "one two" });
    await passes(1000);
    expect(server.held).toMatchObject({ title: "Theirs", script: "one two" });
    expect(autosave.current).toEqual(server.held);
    expect([taken, states.at(-1)]).toEqual([["title"], "saved"]);
  });

  test("what was changed in both places waits for a choice; all else is saved", async () => {
    open("msg_1", { ...BLANK, script: "one" });
    server.elsewhere({ script: "theirs" });
    autosave.change({ script: "mine", title: "T" });
    await passes(60_000);
    expect(server.held).toMatchObject({ script: "theirs", title: "T" });
    expect(autosave.current).toMatchObject({ script: "mine", title: "T" });
    expect([autosave.conflicts, autosave.theirs.script]).toEqual([["script"], "theirs"]);
    expect(states.at(-1)).toBe("elsewhere");
    expect(await autosave.flush()).toBeNull();
    autosave.change({ script: "mine, typed on" });
    await passes(60_000);
    expect(server.held?.script).toBe("theirs");
    expect(mineIn("msg_1").script).toBe("mine, typed on");
    autosave.choose("script", "mine");
    await passes(100);
    expect(server.held?.script).toBe("mine, typed on");
    expect([states.at(-1), mineIn("msg_1")]).toEqual(["saved", {}]);
  });

  test("the other's may be taken instead", async () => {
    open("msg_1", { ...BLANK, script: "one" });
    server.elsewhere({ script: "theirs" });
    autosave.change({ script: "mine" });
    await passes(1000);
    autosave.choose("script", "theirs");
    expect(autosave.current.script).toBe("theirs");
    await passes(1000);
    expect(server.held?.script).toBe("theirs");
    expect([states.at(-1), autosave.hasPending]).toEqual(["saved", false]);
  });

  test("the pictures are one field: half of each side is nobody's wish", async () => {
    open("msg_1", { ...BLANK, photo_upload_id: "a", more_photo_upload_ids: ["b", "c"] });
    server.elsewhere({ more_photo_upload_ids: ["b"] });
    autosave.change({ photo_upload_id: "z" });
    await passes(1000);
    expect(autosave.conflicts).toEqual(["photo_upload_id"]);
    expect(autosave.current.more_photo_upload_ids).toEqual(["b", "c"]);
    autosave.choose("photo_upload_id", "mine");
    await passes(100);
    expect(server.held).toMatchObject({ photo_upload_id: "z", more_photo_upload_ids: ["b", "c"] });
  });

  test("the same change in both places is nobody's conflict", async () => {
    open("msg_1", { ...BLANK, script: "one" });
    server.elsewhere({ script: "the same" });
    autosave.change({ script: "the same" });
    await passes(1000);
    expect([autosave.conflicts, states.at(-1)]).toEqual([[], "saved"]);
  });

  test("an undecided field is undecided after a reload too", async () => {
    open("msg_1", { ...BLANK, script: "one" });
    server.elsewhere({ script: "theirs" });
    autosave.change({ script: "mine" });
    await passes(1000);
    autosave.stop();
    open("msg_1", server.held ?? BLANK);
    await passes(60_000);
    expect([autosave.conflicts, autosave.current.script]).toEqual([["script"], "mine"]);
    expect([server.held?.script, states.at(-1)]).toEqual(["theirs", "elsewhere"]);
  });

  test("a window that is come back to shows what is there", async () => {
    open("msg_1", { ...BLANK, script: "one" });
    server.elsewhere({ script: "theirs" });
    autosave.learn(server.message);
    expect([autosave.current.script, taken]).toEqual(["theirs", ["script"]]);
    autosave.change({ script: "theirs, and mine" });
    await passes(1000);
    expect([server.held?.script, autosave.conflicts]).toEqual(["theirs, and mine", []]);
  });

  test("a draft that was deleted elsewhere is told of, and its words stay here", async () => {
    open("msg_1", { ...BLANK, script: "one" });
    server.failures = [new Problem("not_found", 404, "")];
    autosave.change({ script: "mine" });
    await passes(1000);
    expect([states.at(-1), mineIn("msg_1").script]).toEqual(["refused", "mine"]);
  });
});

describe("an answer that was lost", () => {
  test("is no change of somebody else's, whatever was typed meanwhile", async () => {
    open("msg_1", { ...BLANK, script: "a" });
    server.lostAnswers = 1;
    autosave.change({ script: "ab" });
    await passes(1000);
    expect([server.held?.script, states.at(-1)]).toEqual(["ab", "device"]);
    autosave.change({ script: "abc" });
    await passes(60_000);
    expect([server.held?.script, autosave.conflicts, taken]).toEqual(["abc", [], []]);
    expect(states).not.toContain("elsewhere");
  });

  test("nor is it after the page was closed over it", async () => {
    open("msg_1", { ...BLANK, script: "a" });
    server.lostAnswers = 1;
    autosave.change({ script: "ab" });
    await passes(1000);
    autosave.change({ script: "abc" });
    const left = leftoversOf("msg_1").read();
    autosave.abandon();
    leave(left.mine, left.from, left.unsure);
    open("msg_1", { ...(server.held ?? BLANK) });
    await passes(60_000);
    expect([server.held?.script, autosave.conflicts]).toEqual(["abc", []]);
  });

  test("a server that refuses what was sent is not asked to take the same for ever", async () => {
    open("msg_1", { ...BLANK, script: "a" });
    server.failures = [new Problem("internal", 500, "")];
    autosave.change({ script: "poison" });
    await passes(1000);
    autosave.change({ script: "mended" });
    await passes(60_000);
    expect(server.calls.map(([, changes]) => changes.script)).toEqual(["poison", "mended"]);
  });
});

test("leftovers believe no nonsense in the storage", () => {
  localStorage.setItem("draft:msg_1", '{"mine": {"script": 4, "title": "T", "state": "ready"}}');
  expect(mineIn("msg_1")).toEqual({ title: "T" });
  localStorage.setItem("draft:msg_1", "{{");
  expect(mineIn("msg_1")).toEqual({});
});
