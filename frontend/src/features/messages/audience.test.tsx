import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LanguageProvider } from "../../i18n";
import { en } from "../../i18n/en";
import type { Audience, Message } from "../../lib/api";
import { API } from "../../test/account";
import { FakeSource } from "../../test/eventSource";
import { server } from "../../test/setup";
import { ToastProvider } from "../../ui/Toasts";
import { AudiencePanel } from "./AudiencePanel";

const MESSAGE = { id: "msg_1", duration_s: 10 } as Message;
const EVIL = '<img src=x onerror="alert(1)">';
const NUMBERS = { opened: 0, views: 0, viewers: 0, quarters: [0, 0, 0, 0] };
const NOBODY: Audience = {
  version: 1,
  ...NUMBERS,
  heat: Array.from({ length: 50 }, () => 0),
  reactions: [],
  replies: [],
  shares: [],
};

let audience: Audience;
let asked: number;

beforeEach(() => {
  audience = NOBODY;
  asked = 0;
  FakeSource.all = [];
  vi.stubGlobal("EventSource", FakeSource);
  server.use(
    http.get(`${API}/messages/msg_1/shares`, () => HttpResponse.json({ items: [{ id: "shr_1" }] })),
    http.get(`${API}/messages/msg_1/audience`, () => {
      asked += 1;
      return HttpResponse.json(audience);
    }),
  );
});
afterEach(() => vi.unstubAllGlobals());

function show() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <LanguageProvider initial="en">
        <ToastProvider>
          <AudiencePanel message={MESSAGE} />
        </ToastProvider>
      </LanguageProvider>
    </QueryClientProvider>,
  );
}

const figure = async (name: string) =>
  within((await screen.findByText(name)).closest("li") as HTMLElement).getByRole("strong")
    .textContent;

test("a message that nobody has watched says so", async () => {
  show();
  expect(await screen.findByText(en.audience.nobodyYet)).toBeTruthy();
  expect(await figure(en.audience.opened)).toBe("0");
});

test("without a link there is no audience", async () => {
  server.use(http.get(`${API}/messages/msg_1/shares`, () => HttpResponse.json({ items: [] })));
  show();
  await waitFor(() => expect(FakeSource.all).toHaveLength(0));
  expect(screen.queryByText(en.audience.title)).toBeNull();
});

test("news are asked for once, and what is known already is not", async () => {
  show();
  await screen.findByText(en.audience.nobodyYet);
  const [source] = FakeSource.all;
  source?.say("changed", String(1));
  expect(asked).toBe(1);
  audience = { ...NOBODY, version: 2, opened: 3, views: 2, viewers: 1, quarters: [1, 1, 0, 0] };
  source?.say("changed", String(2));
  await waitFor(async () => expect(await figure(en.audience.opened)).toBe("3"));
  expect(await figure("50%")).toBe("1");
  expect(await figure("75%")).toBe("0");
  expect(screen.getByText(en.audience.summary("3", "2", "0")).role).toBe("status");
  expect(asked).toBe(2);
});

test("the heat strip can be read as a table", async () => {
  const heat = [...Array.from({ length: 25 }, () => 2), ...Array.from({ length: 25 }, () => 1)];
  audience = { ...NOBODY, views: 2, viewers: 2, heat };
  show();
  const table = await screen.findByRole("table", { name: en.audience.heat, hidden: true });
  const rows = within(table)
    .getAllByRole("row", { hidden: true })
    .map((row) => row.textContent);
  expect(rows.slice(1)).toEqual(["0:00.0 to 0:05.02", "0:05.0 to 0:10.01"]);
});

test("a reply with tags in it is shown as text, and is deleted on request", async () => {
  const reply = { share_id: "shr_1", kind: "text", duration_s: null, content_url: null } as const;
  const typed = {
    ...reply,
    id: "rpl_1",
    at: new Date().toISOString(),
    name: EVIL,
    text: EVIL,
    content_type: null,
  };
  audience = { ...NOBODY, replies: [typed] };
  let deleted = "";
  server.use(
    http.delete(`${API}/replies/:id`, ({ params }) => {
      deleted = String(params.id);
      audience = NOBODY;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  // jsdom knows no modal dialogs.
  HTMLDialogElement.prototype.showModal = function open() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  show();
  expect(await screen.findAllByText(EVIL)).toHaveLength(2);
  expect(document.querySelector("img")).toBeNull();
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: en.audience.deleteReplyOf(EVIL) }));
  const dialog = screen.getByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: en.common.delete }));
  await screen.findByText(en.audience.replyDeleted);
  expect(deleted).toBe("rpl_1");
  await waitFor(() => expect(screen.queryByText(EVIL)).toBeNull());
});
