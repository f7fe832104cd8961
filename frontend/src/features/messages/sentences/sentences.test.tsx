import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { useState } from "react";
import { beforeEach, expect, test } from "vitest";
import { LanguageProvider } from "../../../i18n";
import { en } from "../../../i18n/en";
import type { BaseVoice, Voice } from "../../../lib/api";
import { API } from "../../../test/account";
import { server } from "../../../test/setup";
import { ToastProvider } from "../../../ui/Toasts";
import type { DraftChanges, SentenceDelivery } from "../draft";
import { controlsOf, sayingOf, USUAL, withDelivery } from "./delivery";
import { PRESETS } from "./presets";
import { Sentences } from "./Sentences";
import type { Take } from "./takes";

const ALL = ["speed", "pitch", "volume", "pause_after_s", "intonation"];
const voiceOf = (id: string, languages: string[], controls: string[]): BaseVoice => ({
  id,
  name: id,
  languages,
  credit: null,
  ready: true,
  character: null,
  accents: false,
  controls,
});
const MEI = voiceOf("open_jtalk:mei_normal", ["ja"], ALL.slice(0, 4));
const ENGLISH = voiceOf("espeak_ng:en-us+f3", ["en"], ALL);
const OTHER = voiceOf("espeak_ng:en-gb", ["en"], ALL.slice(0, 4));
const ZUNDAMON = voiceOf("voicevox:3", ["ja"], ALL);

const OWN = {
  id: "voc_1",
  name: "Mine",
  language: "en",
  base_voice: null,
  state: "ready",
} as Voice;

let kept: readonly SentenceDelivery[];
let used: DraftChanges | null;
let takes: Take[];
let spokenBy: string[];
let asked: { text: string; delivery?: unknown }[];

beforeEach(() => {
  kept = [];
  asked = [];
  spokenBy = [];
  used = null;
  takes = [];
  server.use(
    http.post(`${API}/readings`, () =>
      HttpResponse.json({
        items: ["Hello.", "Goodbye.", "Hello."].map((text) => ({
          text,
          parts: [{ text, is_stressed: false, pause_s: null }],
          suggested: null,
        })),
      }),
    ),
    http.get(`${API}/messages/msg_1/takes`, () => HttpResponse.json({ items: takes })),
    http.post(`${API}/messages/msg_1/takes`, async ({ request }) => {
      takes = [...takes, (await request.json()) as Take];
      return HttpResponse.json({ items: takes }, { status: 201 });
    }),
    http.get(`${API}/base-voices`, () => HttpResponse.json({ items: [MEI, ENGLISH, OTHER] })),
    http.get(`${API}/voices`, () => HttpResponse.json({ items: [OWN], next_cursor: null })),
    http.post(`${API}/base-voices/:id/preview`, async ({ request, params }) => {
      spokenBy.push(String(params.id));
      asked.push((await request.json()) as { text: string });
      return HttpResponse.json({ code: "speech_unavailable", detail: "" }, { status: 503 });
    }),
  );
});

function Held({ voice, first }: { voice: string; first: SentenceDelivery[] }) {
  const [deliveries, setDeliveries] = useState(first);
  kept = deliveries;
  return (
    <Sentences
      id="msg_1"
      onTake={(changes) => {
        used = changes;
      }}
      script="Hello. Goodbye. Hello."
      language="en"
      voice={voice}
      readings={[]}
      deliveries={deliveries}
      problem={undefined}
      onDeliveries={setDeliveries}
    />
  );
}

async function show(first: SentenceDelivery[] = [], voice = ENGLISH.id) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <LanguageProvider initial="en">
        <ToastProvider>
          <Held voice={voice} first={first} />
        </ToastProvider>
      </LanguageProvider>
    </QueryClientProvider>,
  );
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: en.sentences.title }));
  await screen.findByText("Goodbye.");
  return user;
}

const opener = (text: string) => screen.getByRole("button", { name: en.sentences.editNamed(text) });
const slider = (name: string) => screen.getByRole("slider", { name }) as HTMLInputElement;
const slide = (name: string, value: number) =>
  fireEvent.change(slider(name), { target: { value: String(value) } });
const { controls } = en.sentences;

test("each sentence has one row, and one row is open at a time", async () => {
  const user = await show();
  expect(screen.getAllByText("Hello.")).toHaveLength(1);
  await user.click(opener("Hello."));
  await user.click(opener("Goodbye."));
  expect(opener("Hello.").getAttribute("aria-expanded")).toBe("false");
  expect(screen.getAllByRole("slider", { name: controls.speed })).toHaveLength(1);
});

test("what differs from the usual is kept, and told in words and to screen readers", async () => {
  const user = await show();
  await user.click(opener("Hello."));
  expect(slider(controls.pause_after_s).getAttribute("aria-valuetext")).toBe("as usual");
  slide(controls.speed, 0.75);
  slide(controls.pause_after_s, 1);
  expect(kept).toEqual([{ ...USUAL, text: "Hello.", speed: 0.75, pause_after_s: 1 }]);
  expect(screen.getByText("slower, pause 1.0 s")).toBeTruthy();
  expect(slider(controls.speed).getAttribute("aria-valuetext")).toBe("75%");
});

test("back to usual leaves nothing behind", async () => {
  const user = await show([{ ...USUAL, text: "Hello.", pitch: 3, volume: 0 }]);
  expect(screen.getByText("higher, without sound")).toBeTruthy();
  await user.click(opener("Hello."));
  await user.click(screen.getByRole("button", { name: en.sentences.reset }));
  expect(kept).toEqual([]);
});

test("a sentence is heard as it is set", async () => {
  const user = await show([{ ...USUAL, text: "Hello.", speed: 0.5 }]);
  await user.click(screen.getByRole("button", { name: en.compose.voiceHear("Hello.") }));
  await screen.findByText(en.problems.speech_unavailable.what, { exact: false });
  const delivery = { ...sayingOf(USUAL), speed: 0.5 };
  expect(asked).toEqual([{ text: "Hello.", language: "en", delivery }]);
});

test("a sentence is given a voice, is heard in it, and tells whose it is", async () => {
  const user = await show([{ ...USUAL, text: "Goodbye.", intonation: 2 }]);
  await user.click(opener("Goodbye."));
  const choice = () => screen.getByRole("combobox", { name: en.sentences.voice });
  const options = [...(choice() as HTMLSelectElement).options].map((one) => one.value);
  expect(options).toEqual(["", "voc_1", ENGLISH.id, OTHER.id]);
  await user.selectOptions(choice(), OTHER.id);
  expect(kept).toEqual([{ ...USUAL, text: "Goodbye.", intonation: 2, voice: OTHER.id }]);
  expect(screen.getByText(en.sentences.saidBy(OTHER.name))).toBeTruthy();
  expect(screen.queryByRole("slider", { name: controls.intonation })).toBeNull();
  await user.click(screen.getByRole("button", { name: en.compose.voiceHear("Goodbye.") }));
  await screen.findByText(en.problems.speech_unavailable.what, { exact: false });
  expect(spokenBy).toEqual([OTHER.id]);
  await user.click(opener("Hello."));
  expect(slider(controls.intonation)).toBeTruthy();
  await user.click(opener("Goodbye."));
  await user.selectOptions(choice(), "");
  await user.click(screen.getByRole("button", { name: en.sentences.reset }));
  expect(kept).toEqual([]);
});

test("a voice that is gone is said to be", async () => {
  await show([{ ...USUAL, text: "Hello.", voice: "voc_gone" }]);
  expect(await screen.findByText(en.sentences.saidBy(en.takes.voiceGone))).toBeTruthy();
});

test("a preset sets all but the pause, and says that it is no acting", async () => {
  const user = await show([{ ...USUAL, text: "Hello.", pause_after_s: 2 }]);
  await user.click(opener("Hello."));
  const calm = screen.getByRole("button", { name: en.presets.names.calm });
  await user.click(calm);
  expect(kept).toEqual([{ ...USUAL, text: "Hello.", ...PRESETS.calm, pause_after_s: 2 }]);
  expect(calm.getAttribute("aria-pressed")).toBe("true");
  expect(screen.getByText(en.presets.honest)).toBeTruthy();
});

test("what is not heard in the voice is neither offered nor told", async () => {
  const user = await show([{ ...USUAL, text: "Hello.", intonation: 2 }], MEI.id);
  await user.click(opener("Hello."));
  expect(screen.queryByRole("slider", { name: controls.intonation })).toBeNull();
  expect(screen.queryByText(en.sentences.livelier)).toBeNull();
  expect(screen.getByText(en.sentences.noIntonation)).toBeTruthy();
});

test("one's own voice offers what whoever reads in it can do", () => {
  const base = [MEI, ZUNDAMON, ENGLISH];
  const own = (base_voice: string | null) => [{ id: "voc_1", base_voice }] as Voice[];
  expect(controlsOf("voc_1", "ja", base, own(null))).not.toContain("intonation");
  expect(controlsOf("voc_1", "ja", base, own(ZUNDAMON.id))).toContain("intonation");
  expect(controlsOf("voc_1", "en", base, own(ZUNDAMON.id))).toContain("intonation");
});

test("deliveries of sentences that are gone wait, the oldest no longer", () => {
  const gone = Array.from({ length: 120 }, (_, place) => ({
    ...USUAL,
    text: `${place}`,
    speed: 2,
  }));
  const after = withDelivery(gone, ["Hello."], "Hello.", { ...USUAL, speed: 0.5 });
  expect(after).toHaveLength(101);
  expect(after[0]?.text).toBe("20");
});

test("every preset lies within what can be set", () => {
  for (const { speed, pitch, intonation, volume } of Object.values(PRESETS)) {
    expect(speed >= 0.5 && speed <= 2 && Math.abs(pitch) <= 6).toBe(true);
    expect(intonation <= 2 && volume <= 2).toBe(true);
  }
});

test("the ways in which a sentence was heard are told apart, and one of them is used", async () => {
  const usual = { language: "en", voice: ENGLISH.id, reading: null, pitch: 0, intonation: 1 };
  takes = [
    { ...usual, text: "Goodbye.", speed: 0.8, volume: 1 },
    { ...usual, text: "Goodbye.", speed: 1, volume: 1 },
    { ...usual, text: "Goodbye!", voice: "gone", speed: 1, volume: 1 },
  ];
  const user = await show();
  await user.click(await screen.findByRole("button", { name: en.sentences.editNamed("Goodbye.") }));
  const slow = en.takes.named("1", `${en.sentences.controls.speed} 80%`);
  expect(await screen.findByRole("button", { name: en.compose.voiceHear(slow) })).toBeTruthy();
  expect(screen.getAllByText(en.takes.used)).toHaveLength(1);
  expect(screen.getByText(/a voice that is gone, with the words “Goodbye!”/)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: en.takes.useNamed(slow) }));
  expect(used).toMatchObject({
    deliveries: [{ text: "Goodbye.", speed: 0.8, pause_after_s: null, voice: null }],
  });
});
