import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { en } from "../i18n/en";
import { ja } from "../i18n/ja";
import { ACCOUNT, API, signedInAs } from "../test/account";
import { server } from "../test/setup";
import { App, assemble } from "./App";

const REASON = "The neural base voice is not in /models: `make models` fetches it.";
const LACKING = {
  name: "openvoice",
  ready: false,
  device: null,
  reason: "No weights.",
  default: false,
};

/** A server with this engine, and with natural base voices or not. */
function serve(engine: string, isNatural: boolean, warnings: string[] = []) {
  const neural_base = { ready: isNatural, reason: isNatural ? null : REASON };
  const speech = { ready: true, engine, engines: [LACKING], neural_base, warnings };
  const rest = { version: "1", public_url: "http://localhost", is_loopback: true, sandbox: {} };
  server.use(
    signedInAs(),
    http.get(`${API}/system/status`, () => HttpResponse.json({ ...rest, speech, languages: [] })),
    http.get(`${API}/voices`, () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get(`${API}/base-voices`, () => HttpResponse.json({ items: [] })),
    http.get(`${API}/messages`, () => HttpResponse.json({ items: [], next_cursor: null })),
  );
}

function open(path: string) {
  render(<App {...assemble(createMemoryHistory({ initialEntries: [path] }))} />);
  return userEvent.setup();
}

beforeEach(() => localStorage.setItem("language", "en"));

test.each([
  ["world", false, en.plainVoice.base],
  ["openvoice", false, en.plainVoice.base],
  ["world", true, en.plainVoice.engine],
])("with %s and natural base voices: %s, the composer says what is simple", async (...given) => {
  const [engine, isNatural, title] = given;
  serve(engine, isNatural);
  const user = open("/messages/new");
  expect(await screen.findByText(title)).toBeTruthy();
  await user.click(screen.getByText(en.plainVoice.helps));
  expect(screen.getByText(/make models/)).toBeTruthy();
  const speechToSpeech = screen.getByRole("link", { name: en.plainVoice.speechToSpeech });
  expect(speechToSpeech.getAttribute("href")).toBe("/account/api-keys");
});

test("with natural voices and the trained engine nothing is said", async () => {
  serve("openvoice", true);
  open("/messages/new");
  expect(await screen.findByText(en.compose.voiceNone)).toBeTruthy();
  expect(screen.queryByText(en.plainVoice.base)).toBeNull();
  expect(screen.queryByText(en.plainVoice.engine)).toBeNull();
});

test("it is said in Japanese, and once read it stays away", async () => {
  localStorage.setItem("language", "ja");
  server.use(signedInAs({ ...ACCOUNT, language: "ja" }));
  serve("world", false);
  const user = open("/messages/new");
  const title = await screen.findByText(/シンプルな合成音声です/);
  await user.click(screen.getByRole("button", { name: ja.plainVoice.read }));
  expect(title.isConnected).toBe(false);
  expect(localStorage.getItem("plain-voice-read")).toBe("1");
});

test("the server's page tells why, and warns of weights that nobody published", async () => {
  serve("openvoice", false, ["The weights are not the published ones."]);
  open("/system");
  expect(await screen.findByText(en.system.naturalLacking)).toBeTruthy();
  expect(screen.getByText(REASON).getAttribute("lang")).toBe("en");
  expect(screen.getByText(en.system.warning)).toBeTruthy();
  expect(screen.getByText("The weights are not the published ones.")).toBeTruthy();
});

test("everybody finds all of their voices, however many there are", async () => {
  serve("openvoice", true);
  const voice = (id: string) => ({
    id,
    name: `Voice ${id}`,
    language: "en",
    state: "ready",
    engine: "openvoice",
    report: null,
    consent: { accepted_at: "2026-01-01T00:00:00Z" },
    created_at: "2026-01-01T00:00:00Z",
  });
  server.use(
    http.get(`${API}/voices`, ({ request }) => {
      const cursor = new URL(request.url).searchParams.get("cursor");
      return HttpResponse.json(
        cursor === "next"
          ? { items: [voice("voc_101")], next_cursor: null }
          : { items: [voice("voc_1")], next_cursor: "next" },
      );
    }),
  );
  open("/voices");
  expect(await screen.findByText("Voice voc_101")).toBeTruthy();
  expect(screen.getByText("Voice voc_1")).toBeTruthy();
});
