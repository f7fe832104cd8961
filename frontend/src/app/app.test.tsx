import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, test } from "vitest";
import { BLANK } from "../features/messages/draft";
import { en } from "../i18n/en";
import { ACCOUNT, API, signedInAs } from "../test/account";
import { server } from "../test/setup";
import { App, assemble } from "./App";

const DRAFT = {
  ...BLANK,
  language: "en",
  id: "msg_1",
  state: "draft",
  attempt: 0,
  progress: { stage: null, percent: 0, eta_s: null, note: null },
  problem: null,
  duration_s: null,
  engine: null,
  base_voice: null,
  credit: null,
  synthetic: true,
  video_url: null,
  poster_url: null,
  captions_url: null,
  small_video_url: null,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};
const STATUS = {
  version: "0.1.0",
  public_url: "http://localhost",
  is_loopback: true,
  sends_mail: false,
  speech: {
    ready: true,
    engine: "openvoice",
    engines: [],
    neural_base: { ready: true, reason: null },
    warnings: [],
  },
  sandbox: {},
  languages: [],
};
const problem = (status: number, code: string, errors: object[] = []) =>
  HttpResponse.json({ type: "", title: "", status, code, detail: "", errors }, { status });
const unauthorized = () => problem(401, "unauthorized");

/** A backend with somebody signed in and nothing else. */
const signedIn = () => [
  signedInAs(),
  http.get(`${API}/system/status`, () => HttpResponse.json(STATUS)),
  http.get(`${API}/voices`, () => HttpResponse.json({ items: [], next_cursor: null })),
  http.get(`${API}/base-voices`, () =>
    HttpResponse.json({
      items: [{ id: "espeak_ng:en", name: "English", languages: ["en"], credit: null }],
    }),
  ),
  http.get(`${API}/messages`, () => HttpResponse.json({ items: [], next_cursor: null })),
  http.get(`${API}/themes`, () => HttpResponse.json({ items: [] })),
  http.get(`${API}/music`, () => HttpResponse.json({ items: [] })),
];
const closed = (first: boolean) => [
  http.get(`${API}/accounts/me`, unauthorized),
  http.get(`${API}/accounts/sign-up`, () =>
    HttpResponse.json({ first, open: false, needs_owner_token: first }),
  ),
];

function open(path: string) {
  const parts = assemble(createMemoryHistory({ initialEntries: [path] }));
  render(<App {...parts} />);
  return { user: userEvent.setup(), at: () => parts.router.state.location };
}

beforeEach(() => localStorage.setItem("language", "en"));

describe("who may come in", () => {
  test("a fresh server leads to the owner's sign-up, which asks for the token from afar", async () => {
    server.use(...closed(true));
    const { at } = open("/");
    expect(await screen.findByRole("heading", { name: en.sign.ownerTitle })).toBeTruthy();
    expect(screen.getByLabelText(en.sign.ownerToken)).toBeTruthy();
    expect(at().pathname).toBe("/signup");
  });

  test("without an invitation a closed server says whom to ask", async () => {
    server.use(...closed(false));
    open("/signup");
    expect(await screen.findByText(en.sign.closedText)).toBeTruthy();
  });

  test("a refused sign-up stands beside its field, and nothing typed is lost", async () => {
    server.use(
      ...closed(false),
      http.post(`${API}/accounts`, () =>
        problem(422, "email_taken", [
          { field: "email", code: "email_taken", message: "There is such an account.", fix: "" },
        ]),
      ),
    );
    const { user } = open("/signup?invitation=t0k3n");
    await user.type(await screen.findByLabelText(en.sign.name), "Anna");
    await user.type(screen.getByLabelText(en.sign.email), "anna@example.com");
    await user.type(screen.getByLabelText(en.sign.password), "a long enough password");
    await user.click(screen.getByRole("button", { name: en.sign.up }));
    await screen.findByText(en.problems.email_taken.what);
    const email = screen.getByLabelText(en.sign.email) as HTMLInputElement;
    expect(email.getAttribute("aria-invalid")).toBe("true");
    expect(email.value).toBe("anna@example.com");
  });

  test("whoever is signed out meanwhile signs in and is back at the same place", async () => {
    let isSignedIn = true;
    server.use(
      http.get(`${API}/accounts/me`, () =>
        isSignedIn ? HttpResponse.json(ACCOUNT) : unauthorized(),
      ),
      http.get(`${API}/voices/voc_1`, () => {
        isSignedIn = false;
        return unauthorized();
      }),
      http.get(`${API}/accounts/sign-up`, () =>
        HttpResponse.json({ first: false, open: false, needs_owner_token: false }),
      ),
      http.post(`${API}/sessions`, () => {
        isSignedIn = true;
        return HttpResponse.json(ACCOUNT, { status: 201 });
      }),
      ...signedIn().slice(1),
    );
    const { user, at } = open("/voices/voc_1");
    expect(await screen.findByText(en.sign.expired)).toBeTruthy();
    server.use(http.get(`${API}/voices/voc_1`, () => problem(404, "not_found")));
    await user.type(screen.getByLabelText(en.sign.email), "anna@example.com");
    await user.type(screen.getByLabelText(en.sign.password), "a long enough password");
    await user.click(screen.getByRole("button", { name: en.sign.in }));
    await waitFor(() => expect(at().pathname).toBe("/voices/voc_1"));
  });

  test("a wrong password says so once, with what to do", async () => {
    const error = { field: "password", code: "wrong_credentials", message: "", fix: "" };
    server.use(
      ...closed(false),
      http.post(`${API}/sessions`, () => problem(401, "wrong_credentials", [error])),
    );
    const { user } = open("/signin");
    await user.type(await screen.findByLabelText(en.sign.email), "anna@example.com");
    await user.type(screen.getByLabelText(en.sign.password), "wrong");
    await user.click(screen.getByRole("button", { name: en.sign.in }));
    expect(await screen.findByText(en.problems.wrong_credentials.what)).toBeTruthy();
    expect(screen.getByText(en.problems.wrong_credentials.fix)).toBeTruthy();
  });
});

describe("pages", () => {
  test("an empty list leads to the first message", async () => {
    server.use(...signedIn());
    open("/");
    expect(await screen.findByRole("link", { name: en.messages.emptyStart })).toBeTruthy();
  });

  test("a list that does not come says why and tries again", async () => {
    server.use(
      http.get(`${API}/messages`, () => problem(400, "validation"), { once: true }),
      ...signedIn(),
    );
    const { user } = open("/");
    await screen.findByText(en.problems.validation.what);
    await user.click(screen.getByRole("button", { name: en.common.tryAgain }));
    expect(await screen.findByRole("link", { name: en.messages.emptyStart })).toBeTruthy();
  });

  test("a server that is not there is asked again on request, from the door on", async () => {
    let isThere = false;
    server.use(
      http.get(`${API}/accounts/me`, () =>
        isThere ? HttpResponse.json(ACCOUNT) : problem(400, "http"),
      ),
      ...signedIn().slice(1),
    );
    const { user } = open("/");
    const again = await screen.findByRole("button", { name: en.common.tryAgain });
    isThere = true;
    await user.click(again);
    expect(await screen.findByRole("link", { name: en.messages.emptyStart })).toBeTruthy();
  });

  test.each(["/messages/msg_gone", "/voices/voc_gone", "/nowhere/at/all"])(
    "%s is told to be nothing",
    async (path) => {
      server.use(
        ...signedIn(),
        http.get(`${API}/messages/msg_gone`, () => problem(404, "not_found")),
        http.get(`${API}/voices/voc_gone`, () => problem(404, "not_found")),
      );
      open(path);
      expect(
        await screen.findByRole("heading", { name: en.failure.notFoundTitle, level: 1 }),
      ).toBeTruthy();
    },
  );
});

describe("writing a message", () => {
  test("keeps the same editor and its focus while the draft gets its address", async () => {
    server.use(
      ...signedIn(),
      http.post(`${API}/messages`, () =>
        HttpResponse.json({ ...DRAFT, script: "H" }, { status: 201 }),
      ),
      http.get(`${API}/messages/msg_1`, () => HttpResponse.json({ ...DRAFT, script: "H" })),
      http.patch(`${API}/messages/msg_1`, async ({ request }) =>
        HttpResponse.json({ ...DRAFT, ...((await request.json()) as object) }),
      ),
    );
    const { user, at } = open("/messages/new");
    const words = (await screen.findByLabelText(en.compose.script)) as HTMLTextAreaElement;
    await user.type(words, "H");
    await waitFor(() => expect(at().pathname).toBe("/messages/msg_1"), { timeout: 3000 });
    await user.type(words, "ello");
    expect(words.isConnected).toBe(true);
    expect(words.value).toBe("Hello");
    await screen.findByText(en.compose.saved, {}, { timeout: 3000 });
  });

  test("says beside the fields what is missing before it asks the server", async () => {
    server.use(...signedIn());
    const { user } = open("/messages/new");
    await screen.findByText("English", { selector: "span" });
    await user.click(screen.getByRole("button", { name: en.compose.render }));
    const words = screen.getByLabelText(en.compose.script);
    expect(words.getAttribute("aria-invalid")).toBe("true");
    expect(screen.getByText(en.problems.photo_missing.what)).toBeTruthy();
  });

  test("a refused render stands beside the words, which stay as they were", async () => {
    const whole = { ...DRAFT, script: "🎂🎂🎂", photo_upload_id: "upl_1", voice: "espeak_ng:en" };
    server.use(
      ...signedIn(),
      http.get(`${API}/messages/msg_1`, () => HttpResponse.json(whole)),
      http.post(`${API}/messages/msg_1/render`, () =>
        problem(422, "script_unspeakable", [
          { field: "script", code: "script_unspeakable", message: "", fix: "" },
        ]),
      ),
    );
    const { user } = open("/messages/msg_1");
    await user.click(await screen.findByRole("button", { name: en.compose.render }));
    expect(await screen.findByText(en.problems.script_unspeakable.what)).toBeTruthy();
    const words = screen.getByLabelText(en.compose.script) as HTMLTextAreaElement;
    expect(words.value).toBe("🎂🎂🎂");
    expect(words.getAttribute("aria-invalid")).toBe("true");
  });

  test("a failed message says why and can be tried again", async () => {
    const told = { type: "", title: "", status: 503, detail: "", errors: [] };
    const failed = {
      ...DRAFT,
      script: "Hello",
      photo_upload_id: "upl_1",
      voice: "espeak_ng:en",
      state: "failed",
      problem: { ...told, code: "speech_unavailable" },
    };
    server.use(
      ...signedIn(),
      http.get(`${API}/messages/msg_1`, () => HttpResponse.json(failed)),
    );
    open("/messages/msg_1");
    const notice = (await screen.findByText(en.compose.failedTitle)).parentElement;
    expect(notice).not.toBeNull();
    expect(within(notice as HTMLElement).getByText(/voice engine does not answer/)).toBeTruthy();
    expect(screen.getByRole("button", { name: en.compose.renderAgain })).toBeTruthy();
  });
});
