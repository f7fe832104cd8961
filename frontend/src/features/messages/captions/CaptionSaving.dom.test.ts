import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message } from "../../../lib/api";
import { Problem, unreachable } from "../../../lib/problems";
import type { SaveState } from "../autosave";
import { CaptionSaving, type CaptionServer, leftCaptions } from "./CaptionSaving";

/** The server's side in memory; `failures` are thrown first, one a call. */
class Captions implements CaptionServer {
  held: string | null = null;
  given: string[] = [];
  failures: Error[] = [];

  look = async () => this.message();
  give = async (_id: string, webvtt: string) => {
    const failure = this.failures.shift();
    if (failure) throw failure;
    this.given.push(webvtt);
    this.held = `written anew: ${webvtt}`;
    return this.message();
  };
  private message = () => ({ captions_vtt: this.held }) as Message;
}

let server: Captions;
let states: SaveState[];
let saving: CaptionSaving;

function open(): CaptionSaving {
  const onState = (state: SaveState) => states.push(state);
  const quick = { quietMs: 10, retryMs: () => 10 };
  const known = server.held;
  saving = new CaptionSaving({ id: "msg_1", known, server, onState, onSaved() {}, ...quick });
  saving.start();
  return saving;
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  server = new Captions();
  states = [];
});
afterEach(() => {
  saving.stop();
  vi.useRealTimers();
});

test("only what stands when the typing rests is saved, and nothing is left behind", async () => {
  open().change("a");
  saving.change("ab");
  expect(leftCaptions("msg_1")).toBe("ab");
  await vi.advanceTimersByTimeAsync(20);
  expect(server.given).toEqual(["ab"]);
  expect(states.at(-1)).toBe("saved");
  expect(leftCaptions("msg_1")).toBeNull();
  saving.change("abc");
  await vi.advanceTimersByTimeAsync(20);
  expect(server.given).toEqual(["ab", "abc"]);
});

test("a lost connection keeps it here and tries again", async () => {
  server.failures = [unreachable()];
  open().change("a");
  await vi.advanceTimersByTimeAsync(15);
  expect(states.at(-1)).toBe("device");
  expect(leftCaptions("msg_1")).toBe("a");
  await vi.advanceTimersByTimeAsync(15);
  expect(server.given).toEqual(["a"]);
});

test("a refusal is told and not tried again", async () => {
  server.failures = [new Problem("conflict_state", 409, "")];
  open().change("a");
  await vi.advanceTimersByTimeAsync(1000);
  expect(states.at(-1)).toBe("refused");
  expect(server.given).toEqual([]);
});

test("what another window has changed is not written over, unless somebody insists", async () => {
  open();
  server.held = "theirs";
  saving.change("mine");
  await vi.advanceTimersByTimeAsync(1000);
  expect(states.at(-1)).toBe("elsewhere");
  expect(server.given).toEqual([]);
  await saving.insist();
  expect(server.given).toEqual(["mine"]);
});

test("what cannot be saved is kept in the browser alone", async () => {
  open().change("a");
  saving.hold("unfinished");
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.given).toEqual([]);
  expect(leftCaptions("msg_1")).toBe("unfinished");
});
