import { cleanup, configure } from "@testing-library/react";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll } from "vitest";

/** The backend of the tests: each test says what it answers, and nothing else is answered. */
export const server = setupServer();

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
