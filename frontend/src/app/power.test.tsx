import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { addedUp } from "../features/system/CostCurve";
import { en } from "../i18n/en";
import { formatsFor } from "../i18n/formats";
import { ja } from "../i18n/ja";
import { ACCOUNT, API, signedInAs } from "../test/account";
import { NO_LANE, server } from "../test/setup";
import { App, assemble } from "./App";

const COSTS = {
  hour_usd_micro: 710_000,
  month_usd_micro: 1_230_000,
  forecast_usd_micro: 4_000_000,
  saved_usd_micro: 300_000_000,
  budget_usd_micro: null,
  on_s: 6200,
  idle_share: 0.4,
  runs: 3,
  keep_on_until: null,
  stay_off_until: null,
  days: [
    { day: "2026-11-01", usd_micro: 1_000_000 },
    { day: "2026-11-02", usd_micro: 230_000 },
  ],
  decisions: [
    { at: "2026-11-02T08:00:00Z", state: "starting", code: "intent", reason: "x" },
    { at: "2026-11-02T07:00:00Z", state: "failed", code: "new_code", reason: "EC2 said no." },
  ],
};
const STATUS = {
  version: "1",
  public_url: "http://localhost",
  is_loopback: true,
  speech: { ready: true, engine: "openvoice", engines: [], warnings: [] },
  sandbox: {},
  languages: [],
};

/** A server with a voice machine in this state; returns what it is asked to do. */
function serve(lane: object, account: object = ACCOUNT): object[] {
  const asked: object[] = [];
  const neural_base = { ready: true, reason: null };
  server.use(
    signedInAs(account),
    http.get(`${API}/system/power`, () =>
      HttpResponse.json({ ...NO_LANE, provider: "process", ...lane }),
    ),
    http.get(`${API}/system/costs`, () => HttpResponse.json(COSTS)),
    http.post(`${API}/system/power`, async ({ request }) => {
      asked.push((await request.json()) as object);
      return new HttpResponse(null, { status: 204 });
    }),
    http.post(`${API}/power/intents`, () => {
      asked.push({ intent: true });
      return new HttpResponse(null, { status: 204 });
    }),
    http.get(`${API}/system/status`, () =>
      HttpResponse.json({ ...STATUS, speech: { ...STATUS.speech, neural_base } }),
    ),
    http.get(`${API}/voices`, () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get(`${API}/base-voices`, () => HttpResponse.json({ items: [] })),
  );
  return asked;
}

function open(path: string) {
  render(<App {...assemble(createMemoryHistory({ initialEntries: [path] }))} />);
  return userEvent.setup();
}

beforeEach(() => localStorage.setItem("language", "en"));

test("an opened editor says so, and tells how long the voice machine takes", async () => {
  const asked = serve({ state: "booting", code: "coming", ready_in_s: 83 });
  open("/messages/new");
  expect(await screen.findByText(en.lane.soon("1 minute 30 seconds"))).toBeTruthy();
  await waitFor(() => expect(asked).toContainEqual({ intent: true }));
});

test("without a voice machine nobody is told anything, and nothing is sent", async () => {
  const asked = serve({ provider: "none" });
  open("/messages/new");
  expect(await screen.findByText(en.compose.voiceNone)).toBeTruthy();
  expect(screen.queryByText(new RegExp(en.lane.soon("")))).toBeNull();
  expect(asked).toEqual([]);
});

test("the owner sees what it does, why, and what it costs, and turns it on and off", async () => {
  const asked = serve({ state: "ready", code: "idle_wait", waiting: 2 });
  const user = open("/system");
  expect(await screen.findByText(en.power.states.ready as string)).toBeTruthy();
  expect(screen.getByText(en.power.reasons.idle_wait as string)).toBeTruthy();
  expect(await screen.findByText("$1.23")).toBeTruthy();
  expect(screen.getByText("40%")).toBeTruthy();
  await user.click(screen.getByText(en.power.history));
  // A reason that has no words of its own is shown as it was given.
  expect(screen.getByText("EC2 said no.").getAttribute("lang")).toBe("en");
  await user.click(screen.getByRole("button", { name: en.power.startFor("2 hours") }));
  await user.click(screen.getByRole("button", { name: en.power.stop }));
  expect(asked).toEqual([
    { action: "start", minutes: 120 },
    { action: "stop", minutes: 15 },
  ]);
});

test("whoever is not the owner sees the state alone, in Japanese too", async () => {
  localStorage.setItem("language", "ja");
  serve({ state: "stopped", code: "nobody" }, { ...ACCOUNT, language: "ja", is_owner: false });
  open("/system");
  expect(await screen.findByText(ja.power.reasons.nobody as string)).toBeTruthy();
  expect(screen.queryByText(ja.power.costs)).toBeNull();
  expect(screen.queryByRole("button", { name: ja.power.stop })).toBeNull();
});

test("days add up, and small prices keep their digits", () => {
  expect(addedUp([1, 2, 3])).toEqual([1, 3, 6]);
  expect(formatsFor("en").usd(592)).toBe("$0.000592");
  expect(formatsFor("en").usd(12_340_000)).toBe("$12.34");
});
