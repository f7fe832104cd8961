import { cleanup, configure } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll } from "vitest";

/** What every page asks: there is no voice machine, unless a test says that there is one. */
export const NO_LANE = {
  provider: "none",
  policy: "on_intent",
  state: "stopped",
  code: "none",
  reason: "There is no GPU machine.",
  since: null,
  ready_in_s: null,
  waiting: 0,
  at_work: 0,
};

/** The backend of the tests: videos take a while to make. Each test says what else it answers, and nothing more is answered. */
export const server = setupServer(
  http.get("*/api/v1/system/power", () => HttpResponse.json(NO_LANE)),
  http.get("*/api/v1/making-time", () =>
    HttpResponse.json({ making_s: 40, wait_s: 0, length_s: 10, is_measured: true }),
  ),
);

// Pages load their code when they are opened, and a busy machine takes its time.
configure({ asyncUtilTimeout: 5000 });

// jsdom has no layout: there is nothing to scroll.
window.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
// Without vitest's globals Testing Library does not clean up by itself.
afterEach(() => {
  cleanup();
  server.resetHandlers();
  localStorage.clear();
});
afterAll(() => server.close());
