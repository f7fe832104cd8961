import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { en } from "../i18n/en";
import { API, signedInAs } from "../test/account";
import { server } from "../test/setup";
import { App, assemble } from "./App";

const SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const NAME = "hooks.example.com";
const w = en.webhooks;
const webhook = (more: object = {}) => ({
  id: "whk_1",
  name: "",
  url: `https://${NAME}/in`,
  events: Object.keys(w.kinds),
  enabled: true,
  disabled_at: null,
  disabled_reason: null as string | null,
  failing_since: null as string | null,
  previous_secret_until: null as string | null,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  ...more,
});
const attempt = {
  at: "2026-01-01T00:00:00Z",
  duration_ms: 12,
  status: 500,
  problem: "status",
  answer: "out of order",
};
const delivery = (id: string, more: object = {}) => ({
  id,
  event_id: `evt_${id}`,
  type: "message.ready",
  subject: "msg_1",
  state: "failed",
  tries: 10,
  problem: "status",
  next_try_at: null,
  created_at: "2026-01-01T00:00:00Z",
  delivered_at: null,
  attempts: [attempt],
  body: { type: "message.ready", data: { message_id: "msg_1" } },
  ...more,
});

// jsdom knows the element, but not how it opens.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

let kept: ReturnType<typeof webhook>[] = [];
let log: ReturnType<typeof delivery>[] = [];
let asked: [string, unknown][] = [];

beforeEach(() => {
  kept = [];
  log = [];
  asked = [];
  localStorage.setItem("language", "en");
  server.use(
    signedInAs(),
    http.get(`${API}/webhooks`, () => HttpResponse.json({ items: kept, next_cursor: null })),
    http.post(`${API}/webhooks`, async ({ request }) => {
      const body = (await request.json()) as object;
      asked.push(["make", body]);
      kept = [webhook(body)];
      return HttpResponse.json({ ...kept[0], secret: SECRET }, { status: 201 });
    }),
    http.patch(`${API}/webhooks/:id`, async ({ request }) => {
      const body = (await request.json()) as { enabled?: boolean };
      asked.push(["change", body]);
      kept = [webhook({ ...body, disabled_reason: body.enabled === false ? "by_hand" : null })];
      return HttpResponse.json(kept[0]);
    }),
    http.post(`${API}/webhooks/:id/rotate`, async ({ request }) => {
      asked.push(["rotate", await request.json()]);
      return HttpResponse.json({ ...webhook(), secret: SECRET }, { status: 201 });
    }),
    http.post(`${API}/webhooks/:id/test`, () => {
      log = [delivery("test", { type: "webhook.test", state: "delivered", problem: null })];
      return HttpResponse.json(log[0], { status: 202 });
    }),
    http.delete(`${API}/webhooks/:id`, () => {
      kept = [];
      return new HttpResponse(null, { status: 204 });
    }),
    http.get(`${API}/webhooks/:id/deliveries`, ({ request }) => {
      const state = new URL(request.url).searchParams.get("state");
      const items = log.filter((each) => !state || each.state === state);
      return HttpResponse.json({ items, next_cursor: null });
    }),
    http.post(`${API}/webhooks/:id/replay`, () => {
      asked.push(["replay", "all"]);
      return HttpResponse.json({ replayed: 2 }, { status: 202 });
    }),
    http.post(`${API}/webhooks/:id/deliveries/:delivery/replay`, ({ params }) => {
      asked.push(["replay", params.delivery]);
      return HttpResponse.json(delivery("dlv_1", { state: "waiting" }), { status: 202 });
    }),
  );
});

function open() {
  render(<App {...assemble(createMemoryHistory({ initialEntries: ["/account/webhooks"] }))} />);
  return userEvent.setup();
}

const press = async (user: ReturnType<typeof userEvent.setup>, name: string) =>
  user.click(await screen.findByRole("button", { name }));

test("a webhook is added for what was chosen, and its secret shown once", async () => {
  const user = open();
  expect(await screen.findByText(w.none)).toBeTruthy();
  await user.type(screen.getByLabelText(w.url), "https://hooks.example.com/in");
  await user.click(screen.getByRole("checkbox", { name: /campaign\.progress/, hidden: true }));
  await press(user, w.make);
  const heading = await screen.findByRole("heading", { name: w.madeTitle });
  expect(document.activeElement).toBe(heading);
  const [[, body]] = asked as [[string, { events: string[] }]];
  expect(body.events).toContain("message.ready");
  expect(body.events).not.toContain("campaign.progress");
  expect(screen.getAllByText(new RegExp(SECRET))).toHaveLength(2);
  await press(user, w.done);
  expect(screen.queryByText(new RegExp(SECRET))).toBeNull();
});

test("without an address or an event nothing is asked, and the form says why", async () => {
  const user = open();
  for (const box of await screen.findAllByRole("checkbox", { hidden: true })) {
    await user.click(box);
  }
  await press(user, w.make);
  expect(screen.getByText(en.common.requiredMissing)).toBeTruthy();
  expect(screen.getByText(w.nothing)).toBeTruthy();
  expect(asked).toEqual([]);
});

test("an address that is refused is told at its field", async () => {
  server.use(
    http.post(`${API}/webhooks`, () =>
      HttpResponse.json(
        {
          code: "target_not_public",
          detail: "x",
          errors: [{ field: "url", code: "target_not_public", message: "x", fix: "y" }],
        },
        { status: 422 },
      ),
    ),
  );
  const user = open();
  await user.type(await screen.findByLabelText(w.url), "https://10.0.0.1/");
  await press(user, w.make);
  expect(await screen.findByText(en.problems.target_not_public.what)).toBeTruthy();
  expect(screen.getByLabelText(w.url).getAttribute("aria-invalid")).toBe("true");
});

test("a test opens the log and shows what came of it", async () => {
  kept = [webhook()];
  const user = open();
  await press(user, w.testNamed(NAME));
  expect(await screen.findByText("webhook.test")).toBeTruthy();
  expect(screen.getByText(new RegExp(w.states.delivered))).toBeTruthy();
});

test("what failed is told with its answer, and is sent again one by one or all", async () => {
  kept = [webhook()];
  log = [delivery("dlv_1"), delivery("dlv_2", { state: "delivered", problem: null })];
  const user = open();
  await user.click(await screen.findByText(w.log));
  expect(await screen.findAllByText("out of order")).toHaveLength(2);
  expect(screen.getAllByText(w.problems.status).length).toBeGreaterThan(0);
  const [first] = screen.getAllByRole("button", { name: w.replayNamed("message.ready") });
  if (first) await user.click(first);
  await waitFor(() => expect(asked).toContainEqual(["replay", "dlv_1"]));
  await press(user, w.replayAll);
  await waitFor(() => expect(asked).toContainEqual(["replay", "all"]));
  expect(await screen.findByText(w.replayed(2))).toBeTruthy();
  await user.click(screen.getByRole("checkbox", { name: w.onlyFailed }));
  const again = { name: w.replayNamed("message.ready") };
  await waitFor(() => expect(screen.getAllByRole("button", again)).toHaveLength(1));
});

test.each(["gone", "failing", "by_hand"] as const)(
  "a webhook that is off (%s) says why and can be switched on",
  async (reason) => {
    kept = [webhook({ enabled: false, disabled_reason: reason })];
    const user = open();
    expect(await screen.findByText(w.disabled[reason])).toBeTruthy();
    expect(screen.queryByRole("button", { name: w.testNamed(NAME) })).toBeNull();
    await press(user, w.enableNamed(NAME));
    await waitFor(() => expect(screen.queryByText(w.disabled[reason])).toBeNull());
    expect(asked).toEqual([["change", { enabled: true }]]);
  },
);

test("a secret is rotated with the overlap that was chosen", async () => {
  kept = [webhook({ failing_since: "2026-01-01T00:00:00Z" })];
  const user = open();
  expect(await screen.findByText(/Nothing has got through/)).toBeTruthy();
  await press(user, w.rotateNamed(NAME));
  const dialog = within(screen.getByRole("dialog"));
  await user.selectOptions(dialog.getByLabelText(w.overlap), en.apiKeys.overlaps.hour);
  await user.click(dialog.getByRole("button", { name: w.rotate }));
  const heading = await screen.findByRole("heading", { name: w.madeTitle });
  expect(document.activeElement).toBe(heading);
  expect(asked).toEqual([["rotate", { overlap_s: 3600 }]]);
});

test("a webhook is changed and deleted", async () => {
  kept = [webhook()];
  const user = open();
  await press(user, w.changeNamed(NAME));
  const dialog = within(screen.getByRole("dialog"));
  await user.type(dialog.getByLabelText(new RegExp(w.name)), "Orders");
  await user.click(dialog.getByRole("button", { name: en.common.save }));
  expect(await screen.findByText("Orders")).toBeTruthy();
  await press(user, w.removeNamed("Orders"));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: w.remove }));
  expect(await screen.findByText(w.none)).toBeTruthy();
});
