import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { en } from "../i18n/en";
import { ja } from "../i18n/ja";
import { ACCOUNT, API, signedInAs } from "../test/account";
import { server } from "../test/setup";
import { App, assemble } from "./App";

const HANAKO = { id: "uuid-1", name: "試験花子" };
const TARO = { id: "uuid-2", name: "見本太郎" };
const TERMS = "# 試験花子の利用規約\n\n商用利用には許諾が必要です。";

function voiceOf(id: string, who: typeof HANAKO, style: string, ready = true) {
  return {
    id: `voicevox:${id}`,
    name: `${who.name}（${style}）`,
    languages: ["ja"],
    credit: `VOICEVOX:${who.name}`,
    ready,
    character: { ...who, style },
  };
}

const MEI = { id: "open_jtalk:mei_normal", name: "Mei", languages: ["ja"], credit: null };

/** A server whose VOICEVOX engine is in this state. */
function serve(state: string, ready = true) {
  const items = [
    { ...MEI, ready: true, character: null },
    voiceOf("2", HANAKO, "ノーマル", ready),
    voiceOf("4", HANAKO, "うれしい", ready),
    voiceOf("11", TARO, "ノーマル", ready),
  ];
  server.use(
    signedInAs({ ...ACCOUNT, language: "ja" }),
    http.get(`${API}/system/status`, () => HttpResponse.json({ languages: [], speech: {} })),
    http.get(`${API}/voices`, () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get(`${API}/messages`, () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get(`${API}/base-voices`, () => HttpResponse.json({ items, voicevox: state })),
    http.get(`${API}/base-voices/:id/terms`, ({ params }) =>
      HttpResponse.json({
        credit: "VOICEVOX:試験花子",
        terms: `${params.id} ${TERMS}`,
        samples: 2,
      }),
    ),
  );
}

function open(path: string) {
  render(<App {...assemble(createMemoryHistory({ initialEntries: [path] }))} />);
  return userEvent.setup();
}

beforeEach(() => localStorage.setItem("language", "ja"));

test("the composer shows characters with icon, and on choosing one credit and terms", async () => {
  serve("ready");
  const user = open("/messages/new");
  const section = await screen.findByRole("region", { name: ja.voicevox.title });
  const icons = section.querySelectorAll("img");
  expect([...icons].map((icon) => icon.getAttribute("src"))).toEqual([
    "/api/v1/base-voices/voicevox:2/icon",
    "/api/v1/base-voices/voicevox:11/icon",
  ]);
  // Nobody's credit comes without a choice.
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "Mei" }).checked).toBe(true);
  expect(screen.queryByText(ja.voicevox.commercial)).toBeNull();

  await user.click(within(section).getByRole("radio", { name: HANAKO.name }));
  expect(screen.getByText(ja.voicevox.creditTitle("VOICEVOX:試験花子"))).toBeTruthy();
  expect(screen.getByText(ja.voicevox.commercial)).toBeTruthy();
  await user.click(await screen.findByText(ja.voicevox.readTerms));
  expect(screen.getByText(/商用利用には許諾が必要です/)).toBeTruthy();
  expect(screen.getAllByRole("button", { name: /^サンプル\d$/ })).toHaveLength(2);
});

test("another way of speaking is another voice with terms of its own", async () => {
  serve("ready");
  const user = open("/messages/new");
  const section = await screen.findByRole("region", { name: ja.voicevox.title });
  await user.click(within(section).getByRole("radio", { name: HANAKO.name }));
  await user.selectOptions(screen.getByLabelText(ja.voicevox.styleOf(HANAKO.name)), "うれしい");
  expect(await screen.findByText(/^voicevox:4 /)).toBeTruthy();
  expect(within(section).getByRole<HTMLInputElement>("radio", { name: HANAKO.name }).checked).toBe(
    true,
  );
});

test.each(["starting", "slow", "failing", "down"] as const)(
  "the list says that the engine is %s, and who takes over",
  async (state) => {
    serve(state, false);
    open("/messages/new");
    expect(await screen.findByText(ja.voicevox.states[state])).toBeTruthy();
    expect(screen.getByText(ja.voicevox.standIn)).toBeTruthy();
  },
);

test("where there is no engine nothing is said of it", async () => {
  serve("off");
  server.use(
    http.get(`${API}/base-voices`, () => HttpResponse.json({ items: [MEI], voicevox: "off" })),
  );
  open("/messages/new");
  expect(await screen.findByRole("radio", { name: "Mei" })).toBeTruthy();
  expect(screen.queryByRole("region", { name: ja.voicevox.title })).toBeNull();
});

test("terms that cannot be had are said to be so, and asked for again", async () => {
  serve("ready");
  let isBroken = true;
  server.use(
    http.get(`${API}/base-voices/:id/terms`, () =>
      isBroken
        ? HttpResponse.json({ code: "voicevox_unavailable" }, { status: 503 })
        : HttpResponse.json({ credit: null, terms: TERMS, samples: 0 }),
    ),
  );
  const user = open("/messages/new");
  const section = await screen.findByRole("region", { name: ja.voicevox.title });
  await user.click(within(section).getByRole("radio", { name: TARO.name }));
  expect(await screen.findByText(ja.problems.voicevox_unavailable.what)).toBeTruthy();
  isBroken = false;
  await user.click(screen.getByRole("button", { name: ja.common.tryAgain }));
  expect(await screen.findByText(ja.voicevox.readTerms)).toBeTruthy();
});

test("the list of voices shows characters in English as well", async () => {
  localStorage.setItem("language", "en");
  serve("ready");
  server.use(signedInAs());
  const user = open("/voices");
  await user.click(await screen.findByRole("button", { name: en.languages.ja ?? "Japanese" }));
  const section = await screen.findByRole("region", { name: en.voicevox.title });
  expect(within(section).getByText(HANAKO.name)).toBeTruthy();
  await user.click(
    within(section).getByRole("button", { name: en.voicevox.aboutTerms(HANAKO.name) }),
  );
  expect(await within(section).findByText(en.voicevox.readTerms)).toBeTruthy();
});

test("one's own voice is built on a character", async () => {
  serve("ready");
  const own = {
    id: "voc_1",
    name: "花子",
    language: "ja",
    base_voice: null as string | null,
    state: "ready",
    engine: "world",
    report: null,
    consent: { text: "はい", accepted_at: "2026-01-01T00:00:00Z" },
    created_at: "2026-01-01T00:00:00Z",
  };
  const wishes: unknown[] = [];
  server.use(
    http.get(`${API}/voices/voc_1`, () => HttpResponse.json(own)),
    http.patch(`${API}/voices/voc_1`, async ({ request }) => {
      const wish = (await request.json()) as { base_voice: string | null };
      wishes.push(wish);
      return HttpResponse.json({ ...own, ...wish });
    }),
  );
  const user = open("/voices/voc_1");
  const reader = await screen.findByLabelText(ja.voicevox.reader);
  await user.selectOptions(reader, "試験花子（うれしい）");
  expect(await screen.findByText(ja.voicevox.creditTitle("VOICEVOX:試験花子"))).toBeTruthy();
  await user.selectOptions(reader, ja.voicevox.readerAny);
  expect(wishes).toEqual([{ base_voice: "voicevox:4" }, { base_voice: null }]);
});
