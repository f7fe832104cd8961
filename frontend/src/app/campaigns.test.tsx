import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { en } from "../i18n/en";
import { ja } from "../i18n/ja";
import { ACCOUNT, API, signedInAs } from "../test/account";
import { FakeSource } from "../test/eventSource";
import { server } from "../test/setup";
import { App, assemble } from "./App";

const AT = "2026-01-01T00:00:00Z";
const w = en.campaigns;
const CAMPAIGN = {
  id: "cmp_1",
  name: "Invitation",
  state: "draft",
  revision: "r1",
  template_message_id: "msg_t",
  template_problems: [],
  columns: ["name", "kana", "email"],
  mapping: { name: "name", email: "email", readings: {}, same_address: "once" },
  imported: {
    format: "csv",
    encoding: "cp932",
    delimiter: ",",
    had_header: true,
    row_count: 3,
    notes: ["rows_empty"],
  },
  counts: { total: 3, faulty: 1, waiting: 2 },
  progress: { percent: 0, eta_s: null },
  created_at: AT,
  updated_at: AT,
  started_at: null,
  ended_at: null,
};
type Campaign = Omit<typeof CAMPAIGN, "imported" | "counts"> & {
  imported: typeof CAMPAIGN.imported | null;
  counts: Record<string, number>;
};
const row = (position: number, more: object = {}) => ({
  id: `row_${position}`,
  revision: "r1",
  position,
  state: "waiting",
  cells: [`Guest ${position + 1}`, "", `g${position}@example.com`],
  problems: [] as object[],
  script: `Hi Guest ${position + 1}! Thank you.`,
  personal_sentences: [`Hi Guest ${position + 1}!`],
  spans: [],
  is_sample: false,
  message_id: null as string | null,
  approved_at: null as string | null,
  mail: null,
  watched: null,
  progress: null,
  share_url: null,
  video_url: null,
  poster_url: null,
  ...more,
});
const WRONG = row(1, {
  state: "faulty",
  cells: ["Guest 2", "", "broken"],
  problems: [{ code: "address_wrong", column: "email", detail: "x" }],
});

// jsdom has no layout, and knows dialogs, but not how they open.
Object.defineProperty(HTMLElement.prototype, "clientHeight", { get: () => 600 });
Object.defineProperty(HTMLElement.prototype, "clientWidth", { get: () => 600 });
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
  this.dispatchEvent(new Event("close"));
};

let campaign: Campaign;
let rows: ReturnType<typeof row>[];
let asked: [string, unknown][];

beforeEach(() => {
  campaign = CAMPAIGN;
  rows = [row(0), WRONG, row(2)];
  asked = [];
  FakeSource.all = [];
  vi.stubGlobal("EventSource", FakeSource);
  localStorage.setItem("language", "en");
  const cards = { title: "", title_card: "", closing_card: "" };
  const template = { id: "msg_t", state: "draft", script: "Hi {{name}}!", ...cards };
  server.use(
    signedInAs(),
    http.get(`${API}/system/status`, () => HttpResponse.json({ sends_mail: true })),
    http.get(`${API}/messages/msg_t`, () => HttpResponse.json({ ...template, language: "ja" })),
    http.get(`${API}/campaigns/cmp_1`, () => HttpResponse.json(campaign)),
    http.patch(`${API}/campaigns/cmp_1`, async ({ request }) => {
      const body = (await request.json()) as object;
      asked.push([request.headers.get("if-match") ?? "", body]);
      campaign = { ...campaign, ...body, revision: "r2" };
      return HttpResponse.json(campaign);
    }),
    http.get(`${API}/campaigns/cmp_1/estimate`, () =>
      HttpResponse.json({ rows: 2, minutes: 3, usd_micro: 0, is_first_guess: true }),
    ),
    http.get(`${API}/campaigns/cmp_1/rows`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      const [state, q] = [query.get("state"), query.get("q") ?? ""];
      const items = rows.filter(
        (one) => (!state || one.state === state) && one.cells.join().includes(q),
      );
      return HttpResponse.json({ items, next_cursor: null, total: items.length });
    }),
    http.patch(`${API}/campaigns/cmp_1/rows/:id`, async ({ request, params }) => {
      const body = (await request.json()) as object;
      const held = rows.find((one) => one.id === params.id);
      asked.push([String(params.id), body]);
      if (request.headers.get("if-match") !== `"${held?.revision}"`) {
        return HttpResponse.json({ code: "draft_changed", detail: "x" }, { status: 412 });
      }
      const revision = `r${asked.length + 1}`;
      const mended = { ...held, ...body, revision, state: "waiting", problems: [] };
      rows = rows.map((one) => (one.id === params.id ? { ...one, ...mended } : one));
      return HttpResponse.json(mended);
    }),
    http.post(`${API}/campaigns/cmp_1/:act`, async ({ request, params }) => {
      const body = await request.text();
      asked.push([String(params.act), body && JSON.parse(body)]);
      if (params.act === "links") return HttpResponse.json({ made: 3 });
      if (params.act === "send") return HttpResponse.json({ queued: 2, no_address: 1 });
      campaign = { ...campaign, state: BECOMES[String(params.act)] ?? campaign.state };
      return HttpResponse.json(campaign);
    }),
  );
});
const BECOMES: Record<string, string> = {
  start: "sampling",
  approve: "running",
  pause: "paused",
  resume: "running",
  retry: "running",
  cancel: "cancelled",
  reopen: "draft",
};

function open(search = "") {
  const history = createMemoryHistory({ initialEntries: [`/campaigns/cmp_1${search}`] });
  render(<App {...assemble(history)} />);
  return { user: userEvent.setup(), history };
}

const inJapanese = () => {
  localStorage.setItem("language", "ja");
  server.use(signedInAs({ ...ACCOUNT, language: "ja" }));
};
const press = async (user: ReturnType<typeof userEvent.setup>, name: string) =>
  user.click(await screen.findByRole("button", { name }));
const isThere = (name: string) => screen.queryByRole("button", { name }) !== null;

test.each([
  ["en", en],
  ["ja", ja],
])("a list that is refused says where and why beside the chooser (%s)", async (language, t) => {
  if (language === "ja") inJapanese();
  campaign = { ...CAMPAIGN, imported: null, columns: [], counts: {} };
  const error = { field: "text", code: "quote_unclosed", message: "In line 3.", fix: "x" };
  server.use(
    http.put(`${API}/campaigns/cmp_1/list`, () =>
      HttpResponse.json({ code: "validation", detail: "x", errors: [error] }, { status: 422 }),
    ),
  );
  const { user } = open();
  await user.type(await screen.findByLabelText(t.campaigns.list.pasteField), 'name{enter}"Tom');
  await user.click(screen.getByRole("button", { name: t.campaigns.list.take, hidden: true }));
  const words = t.campaigns.list.inLine("3", t.problems.quote_unclosed.what);
  expect(await screen.findByText(words)).toBeTruthy();
  expect(screen.getByText(t.problems.quote_unclosed.fix)).toBeTruthy();
  // What was typed is still there to be corrected.
  expect(screen.getByDisplayValue(/"Tom/)).toBeTruthy();
});

test("a list replaces the one that was seen, and the newest after that was told", async () => {
  const sent: (string | null)[] = [];
  server.use(
    http.put(`${API}/campaigns/cmp_1/list`, ({ request }) => {
      sent.push(request.headers.get("if-match"));
      const error = { field: "If-Match", code: "draft_changed", message: "x", fix: "x" };
      const problem = { code: "draft_changed", detail: "x", errors: [error] };
      campaign = { ...CAMPAIGN, revision: "theirs" };
      return sent.length === 1
        ? HttpResponse.json(problem, { status: 412 })
        : HttpResponse.json(campaign);
    }),
  );
  campaign = { ...CAMPAIGN, imported: null, columns: [], counts: {} };
  const { user } = open();
  await user.type(await screen.findByLabelText(w.list.pasteField), "name{enter}Tom");
  const take = () => screen.queryByRole("button", { name: w.list.take, hidden: true });
  await user.click(take() as HTMLElement);
  expect(await screen.findByText(en.problems.draft_changed.what)).toBeTruthy();
  // Theirs can be looked at, or replaced by what is typed here still.
  expect(await screen.findByRole("button", { name: en.common.cancel })).toBeTruthy();
  expect(screen.getByDisplayValue(/Tom/)).toBeTruthy();
  await user.click(take() as HTMLElement);
  await waitFor(() => expect(sent).toEqual(['"r1"', '"theirs"']));
});

test("what was found in a list is told, and a column is mapped on what was seen", async () => {
  const { user } = open("?step=list");
  expect(await screen.findByText(w.list.found("3", "3"))).toBeTruthy();
  expect(screen.getByText(/Shift_JIS/)).toBeTruthy();
  expect(screen.getByText(w.list.notes.rows_empty as string)).toBeTruthy();
  await user.selectOptions(await screen.findByLabelText(w.list.readingOf("name")), "kana");
  await waitFor(() => expect(asked).toHaveLength(1));
  const mapping = { ...CAMPAIGN.mapping, readings: { name: "kana" } };
  expect(asked).toEqual([['"r1"', { mapping }]]);
  await user.selectOptions(screen.getByLabelText(w.list.email), w.list.none);
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(asked[1]).toEqual(['"r2"', { mapping: { ...mapping, email: null } }]);
  expect(screen.queryByLabelText(new RegExp(w.list.once))).toBeNull();
});

test.each([
  ["en", en],
  ["ja", ja],
])("what is wrong stands in its cell, and is mended in the row (%s)", async (language, t) => {
  if (language === "ja") inJapanese();
  const { rows: r, check } = t.campaigns;
  const { user } = open("?step=check");
  expect(await screen.findByText(check.faulty("1"))).toBeTruthy();
  const cell = await screen.findByRole("gridcell", { name: /broken/ });
  expect(cell.getAttribute("aria-invalid")).toBe("true");
  expect(within(cell).getByText(r.codes.address_wrong?.what ?? "")).toBeTruthy();
  await press(user, r.open("2"));
  const dialog = within(screen.getByRole("dialog"));
  const field = await dialog.findByLabelText("email");
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(dialog.getByText("Hi Guest 2!").tagName).toBe("MARK");
  await user.clear(field);
  await user.type(field, "g1@example.com");
  await user.click(dialog.getByRole("button", { name: r.saveCells }));
  expect(await screen.findByText(r.savedCells)).toBeTruthy();
  expect(asked).toEqual([["row_1", { cells: ["Guest 2", "", "g1@example.com"] }]]);
  await user.click(dialog.getByRole("button", { name: r.leaveOut }));
  await waitFor(() => expect(asked[1]).toEqual(["row_1", { is_left_out: true }]));
});

test.each([
  ["en", en],
  ["ja", ja],
])("what somebody else corrected meanwhile is told and not lost (%s)", async (language, t) => {
  if (language === "ja") inJapanese();
  const { rows: r } = t.campaigns;
  const { user } = open("?step=check");
  await press(user, r.open("2"));
  const dialog = within(screen.getByRole("dialog"));
  const email = await dialog.findByLabelText("email");
  await user.clear(email);
  await user.type(email, "mine@example.com");
  const [first, second, third] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]];
  const cells = ["Theirs", "", "broken"];
  rows = [first, { ...second, cells, revision: "theirs" }, third];
  await user.click(dialog.getByRole("button", { name: r.saveCells }));
  expect(await screen.findByText(t.problems.draft_changed.what)).toBeTruthy();
  expect(rows[1]?.cells).toEqual(cells);
  // What they wrote stands beside what was typed, and both are saved.
  expect(await dialog.findByDisplayValue("Theirs")).toBeTruthy();
  expect(dialog.getByLabelText("email")).toHaveProperty("value", "mine@example.com");
  await user.click(dialog.getByRole("button", { name: r.saveCells }));
  expect(await screen.findByText(r.savedCells)).toBeTruthy();
  expect(rows[1]?.cells).toEqual(["Theirs", "", "mine@example.com"]);
});

test("a filter and a search stand in the address, and the address brings them back", async () => {
  const { user, history } = open("?step=check");
  await user.click(await screen.findByRole("radio", { name: new RegExp(w.rows.states.faulty) }));
  expect(await screen.findByText(w.rows.shown("1"))).toBeTruthy();
  await user.type(screen.getByRole("searchbox"), "Guest");
  await waitFor(() => expect(history.location.search).toBe("?step=check&state=faulty&q=Guest"));
  await user.click(screen.getByRole("radio", { name: new RegExp(w.rows.all) }));
  await waitFor(() => expect(history.location.search).toBe("?step=check&q=Guest"));
});

test("a copied link shows the same rows; what it cannot mean is left out", async () => {
  open("?step=check&state=waiting&q=Guest%203&row=-4&page=x");
  expect(await screen.findByText(w.rows.shown("1"))).toBeTruthy();
  expect(screen.getByRole("searchbox")).toHaveProperty("value", "Guest 3");
  const waiting = screen.getByRole("radio", { name: new RegExp(w.rows.states.waiting) });
  expect(waiting).toHaveProperty("checked", true);
});

test("once it is begun, the address of the draft is over", async () => {
  const { user, history } = open("?step=check&state=faulty");
  await press(user, w.next.samples(2));
  expect(await screen.findByText(w.listen.making)).toBeTruthy();
  await waitFor(() => expect(history.location.search).toBe(""));
  expect(asked).toEqual([["start", { samples: 3 }]]);
});

describe.each([
  ["en", en],
  ["ja", ja],
])("in %s", (language, t) => {
  test.each([
    ["running", 0, ["pause", "cancel"]],
    ["running", 2, ["pause", "retry", "cancel"]],
    ["paused", 0, ["resume", "cancel"]],
    ["done", 0, []],
    ["done", 2, ["retry"]],
    ["cancelled", 2, ["retryRest"]],
  ] as const)("a campaign that is %s with %i failed offers %j", async (state, failed, acts) => {
    if (language === "ja") inJapanese();
    campaign = { ...CAMPAIGN, state, counts: { total: 9, ready: 4, failed } };
    const { run } = t.campaigns;
    open();
    const title = state === "done" && failed > 0 ? run.doneSome : run.title[state];
    expect(await screen.findByRole("heading", { name: title })).toBeTruthy();
    const names = { ...run, retry: run.retry(String(failed)) };
    const all = ["pause", "resume", "retry", "retryRest", "cancel"] as const;
    expect(all.filter((act) => isThere(names[act]))).toEqual(acts);
    expect(isThere(run.results)).toBe(true);
  });
});

test("it is paused, gone on with and cancelled, which asks first", async () => {
  campaign = { ...CAMPAIGN, state: "running", counts: { total: 3, waiting: 3 } };
  const { user } = open();
  await press(user, w.run.pause);
  await press(user, w.run.resume);
  await press(user, w.run.cancel);
  const dialog = within(screen.getByRole("dialog", { name: w.run.cancelTitle }));
  expect(asked.map(([act]) => act)).toEqual(["pause", "resume"]);
  await user.click(dialog.getByRole("button", { name: w.run.cancel }));
  expect(await screen.findByRole("heading", { name: w.run.title.cancelled })).toBeTruthy();
  expect(isThere(w.run.results)).toBe(false);
});

test("the results are saved once everybody has a link, and not without", async () => {
  campaign = { ...CAMPAIGN, state: "done", counts: { total: 3, ready: 3 } };
  const saved: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    saved.push(`${asked.map(([act]) => act)} ${this.getAttribute("href")}`);
  });
  const { user } = open();
  await press(user, w.run.results);
  await waitFor(() => expect(saved).toEqual(["links /api/v1/campaigns/cmp_1/results.csv"]));
  server.use(http.post(`${API}/campaigns/cmp_1/links`, () => HttpResponse.error()));
  await press(user, w.run.results);
  expect(await screen.findByText(en.problems.network.what)).toBeTruthy();
  expect(saved).toHaveLength(1);
});

test("what is refused is told where it was pressed", async () => {
  campaign = { ...CAMPAIGN, state: "done", counts: { total: 3, ready: 2, failed: 1 } };
  server.use(
    http.post(`${API}/campaigns/cmp_1/retry`, () =>
      HttpResponse.json({ code: "nothing_to_make", detail: "x" }, { status: 409 }),
    ),
  );
  const { user } = open();
  await press(user, w.run.retry("1"));
  expect(await screen.findByText(en.problems.nothing_to_make.what)).toBeTruthy();
});

test("how far it is moves by itself, and a broken line is told", async () => {
  campaign = { ...CAMPAIGN, state: "running", counts: { total: 3, waiting: 3 } };
  open();
  expect(await screen.findByText(w.run.madeOf("0", "3"))).toBeTruthy();
  const [source] = FakeSource.all;
  const counts = { total: 3, waiting: 1, ready: 2 };
  source?.tell({ state: "running", counts, progress: { percent: 66, eta_s: 60 } });
  expect(await screen.findByText(w.run.madeOf("2", "3"))).toBeTruthy();
  expect(screen.getByText(w.run.eta("1 minute"))).toBeTruthy();
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("66");
  source?.fail(FakeSource.CONNECTING);
  expect(await screen.findByText(w.run.reconnecting)).toBeTruthy();
});

test("the first ones are heard and approved before the others are made", async () => {
  campaign = { ...CAMPAIGN, state: "review", counts: { total: 3, ready: 1, waiting: 2 } };
  rows = [row(0, { state: "ready", is_sample: true, message_id: "m", video_url: "/v" }), row(1)];
  const { user } = open();
  expect(await screen.findByRole("button", { name: w.listen.playOf("Guest 1") })).toBeTruthy();
  await user.click(screen.getByRole("checkbox", { name: w.listen.right }));
  await waitFor(() => expect(asked).toEqual([["row_0", { approved: true }]]));
  await press(user, w.next.approve("2"));
  expect(await screen.findByRole("heading", { name: w.run.title.running })).toBeTruthy();
});

test("a row that is made shows its video in its panel", async () => {
  campaign = { ...CAMPAIGN, state: "done", counts: { total: 2, ready: 2 } };
  rows = [row(0, { state: "ready", video_url: "/v", poster_url: "/p" }), row(1)];
  const { user } = open();
  await user.click(await screen.findByRole("button", { name: w.rows.open("1") }));
  const panel = await screen.findByRole("dialog", { name: w.rows.row("1") });
  await waitFor(() => {
    const video = panel.querySelector("video");
    expect([video?.getAttribute("src"), video?.getAttribute("poster")]).toEqual(["/v", "/p"]);
  });
});

test("mails are sent to all, and who gets none is told", async () => {
  campaign = { ...CAMPAIGN, state: "done", counts: { total: 3, ready: 3 } };
  const { user } = open();
  const subject = await screen.findByLabelText(w.mail.subject);
  await user.clear(subject);
  await user.type(subject, "For you");
  await press(user, w.mail.send("3"));
  expect(await screen.findByText(w.mail.done.queued("2"))).toBeTruthy();
  expect(screen.getByText(w.mail.done.no_address("1"))).toBeTruthy();
  expect(asked[0]?.[1]).toMatchObject({ subject: "For you", language: "en", per_minute: 30 });
});
