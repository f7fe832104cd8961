import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message } from "../../lib/api";
import { FakeSource } from "../../test/eventSource";
import { messageQuery } from "./queries";
import { useProgressStream } from "./useProgressStream";

const queued = {
  id: "msg_1",
  state: "queued",
  script: "Hello",
  progress: { stage: "queued", percent: 0, eta_s: null, note: null },
  problem: null,
} as unknown as Message;
const speaking = {
  state: "speaking",
  stage: "speaking",
  percent: 40,
  eta_s: 6,
  note: null,
  problem: null,
};

let client: QueryClient;
let invalidated: () => boolean;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.all = [];
  vi.stubGlobal("EventSource", FakeSource);
  client = new QueryClient();
  client.setQueryData(messageQuery("msg_1").queryKey, queued);
  invalidated = () => client.getQueryState(messageQuery("msg_1").queryKey)?.isInvalidated === true;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function listen() {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const hook = renderHook(() => useProgressStream("msg_1"), { wrapper });
  const source = FakeSource.all[0];
  if (!source) throw new Error("nothing listens");
  return { hook, source };
}

const held = () => client.getQueryData(messageQuery("msg_1").queryKey);

test("an event goes into the message that the page shows", () => {
  const { source } = listen();
  source.tell(speaking);
  expect(held()).toMatchObject({
    state: "speaking",
    script: "Hello",
    progress: { stage: "speaking", percent: 40, eta_s: 6 },
  });
});

test("the last event closes the stream and asks for the whole message", () => {
  const { source } = listen();
  source.tell({ ...speaking, state: "ready", stage: null, percent: 100 });
  expect(source.readyState).toBe(FakeSource.CLOSED);
  expect(invalidated()).toBe(true);
  // The page must not show a ready message without its video's address.
  expect(held()?.state).toBe("queued");
});

test("a broken line is left to the browser, which goes on from the last event", () => {
  const { hook, source } = listen();
  source.fail(0);
  expect(hook.result.current.isConnected).toBe(false);
  vi.advanceTimersByTime(60_000);
  expect(FakeSource.all).toHaveLength(1);
  act(() => {
    source.dispatchEvent(new Event("open"));
  });
  expect(hook.result.current.isConnected).toBe(true);
});

test("a stream that was refused is opened again, later each time", () => {
  const { source } = listen();
  source.fail(FakeSource.CLOSED);
  expect(invalidated()).toBe(true);
  act(() => {
    vi.advanceTimersByTime(1000);
  });
  expect(FakeSource.all).toHaveLength(2);
  FakeSource.all[1]?.fail(FakeSource.CLOSED);
  act(() => {
    vi.advanceTimersByTime(1000);
  });
  expect(FakeSource.all).toHaveLength(2);
  act(() => {
    vi.advanceTimersByTime(1000);
  });
  expect(FakeSource.all).toHaveLength(3);
});

test("a line that has gone silent is opened again, and the message is asked for", () => {
  const { source } = listen();
  source.tell({ ...speaking, percent: 10 }, "7");
  act(() => {
    vi.advanceTimersByTime(20_000);
  });
  expect(FakeSource.all).toHaveLength(2);
  expect(source.readyState).toBe(FakeSource.CLOSED);
  expect(invalidated()).toBe(true);
});

test("a stream that begins again does not throw the page back", () => {
  const { source } = listen();
  source.tell({ ...speaking, percent: 40 }, "7");
  source.tell({ ...speaking, percent: 5 }, "3");
  expect(held()?.progress.percent).toBe(40);
  source.tell({ ...speaking, percent: 50 }, "8");
  expect(held()?.progress.percent).toBe(50);
});

test("nonsense on the line changes nothing", () => {
  const { source } = listen();
  act(() => {
    source.dispatchEvent(new MessageEvent("progress", { data: "{" }));
  });
  expect(held()).toEqual(queued);
});

test("leaving the page closes the stream for good", () => {
  const { hook, source } = listen();
  source.fail(FakeSource.CLOSED);
  hook.unmount();
  vi.advanceTimersByTime(60_000);
  expect(FakeSource.all).toHaveLength(1);
});
