import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { useState } from "react";
import { beforeEach, expect, test } from "vitest";
import { LanguageProvider } from "../../i18n";
import { en } from "../../i18n/en";
import { API } from "../../test/account";
import { server } from "../../test/setup";
import { ToastProvider } from "../../ui/Toasts";
import type { SentenceReading } from "./draft";
import { Readings, readingProblem } from "./Readings";

const SCRIPT = "箸を持つ。東海林さん。";
const SUGGESTED = [
  {
    text: "箸を持つ。",
    parts: [{ text: "箸を持つ。", is_stressed: false, pause_s: null }],
    suggested: "ハ'シヲ/モ'ツ",
  },
  {
    text: "東海林さん。",
    parts: [{ text: "東海林さん。", is_stressed: false, pause_s: null }],
    suggested: "ショージサン'",
  },
];
const VOICE = { id: "open_jtalk:mei_normal", name: "Mei", languages: ["ja"], credit: null };
const KOKORO = { ...VOICE, id: "kokoro:jf_alpha", accents: false };

let kept: readonly SentenceReading[];
let asked: { text: string; reading?: string }[];

beforeEach(() => {
  kept = [];
  asked = [];
  server.use(
    http.post(`${API}/readings`, () => HttpResponse.json({ items: SUGGESTED })),
    http.get(`${API}/base-voices`, () =>
      HttpResponse.json({ items: [{ ...VOICE, accents: true }, KOKORO] }),
    ),
    http.post(`${API}/base-voices/:id/preview`, async ({ request }) => {
      asked.push((await request.json()) as { text: string; reading?: string });
      return HttpResponse.json({ code: "speech_unavailable", detail: "" }, { status: 503 });
    }),
  );
});

function Held({ voice, readings: first }: { voice: string; readings: SentenceReading[] }) {
  const [readings, setReadings] = useState(first);
  kept = readings;
  return (
    <Readings
      script={SCRIPT}
      voice={voice}
      deliveries={[]}
      readings={readings}
      problem={undefined}
      onReadings={setReadings}
    />
  );
}

/** Show the readings and open them. */
async function show(readings: SentenceReading[] = [], voice = VOICE.id) {
  const root = createRootRoute();
  const page = createRoute({
    getParentRoute: () => root,
    path: "/",
    component: () => <Held voice={voice} readings={readings} />,
  });
  const router = createRouter({
    routeTree: root.addChildren([page]),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <LanguageProvider initial="en">
        <ToastProvider>
          {/* biome-ignore lint/suspicious/noExplicitAny: a router of this test's own */}
          <RouterProvider router={router as any} />
        </ToastProvider>
      </LanguageProvider>
    </QueryClientProvider>,
  );
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: en.readings.title }));
  await screen.findByText("箸を持つ。");
  return user;
}

const edit = (text: string) => screen.getByRole("button", { name: en.readings.editNamed(text) });
const line = () => screen.getByLabelText(en.readings.kana) as HTMLInputElement;

test("each sentence is shown with its reading, which is told in words too", async () => {
  await show();
  expect(screen.getByText(/ハシヲ: falls after ハ, モツ: falls after モ/)).toBeTruthy();
  expect(screen.getByText(en.readings.flat("ショージサン"))).toBeTruthy();
});

test("an accent is chosen among the sounds of a phrase and kept with the draft", async () => {
  const user = await show();
  await user.click(edit("箸を持つ。"));
  expect(line().value).toBe("ハ'シヲ/モ'ツ");
  const phrase = screen.getByRole("group", { name: en.readings.phrase("ハシヲ") });
  const [first, second] = within(phrase).getAllByRole("radio") as HTMLInputElement[];
  expect([first?.checked, second?.checked]).toEqual([true, false]);
  await user.click(screen.getByRole("radio", { name: en.readings.fallsAfter("シ", 2) }));
  expect(kept).toEqual([{ text: "箸を持つ。", kana: "ハシ'ヲ/モ'ツ" }]);
  expect(line().value).toBe("ハシ'ヲ/モ'ツ");
});

test("a line that cannot be read is told beside the field, and stays as typed", async () => {
  const user = await show();
  await user.click(edit("箸を持つ。"));
  await user.clear(line());
  await user.type(line(), "ハ'シo");
  expect(screen.getByText(en.readings.atLetter(4, en.problems.reading_letter_unknown.what)));
  expect(screen.getByText(en.problems.reading_letter_unknown.fix, { exact: false })).toBeTruthy();
  expect(line().getAttribute("aria-invalid")).toBe("true");
  expect(kept).toEqual([{ text: "箸を持つ。", kana: "ハ'シo" }]);
  expect(readingProblem(SCRIPT, kept)).toEqual({ code: "reading_letter_unknown", at: 4 });
  expect(readingProblem("別の文。", kept)).toBeNull();
});

test("the way back to the suggestion forgets what was typed", async () => {
  const user = await show([{ text: "箸を持つ。", kana: "ハシ'ヲ" }]);
  await user.click(edit("箸を持つ。"));
  await user.click(screen.getByRole("button", { name: en.readings.reset }));
  expect(kept).toEqual([]);
  expect(line().value).toBe("ハ'シヲ/モ'ツ");
});

test("what is typed is what is heard, and a problem of it is told", async () => {
  const user = await show([{ text: "箸を持つ。", kana: "ハシ'ヲ/モ'ツ" }]);
  await user.click(screen.getByRole("button", { name: en.compose.voiceHear("箸を持つ。") }));
  await waitFor(() =>
    expect(asked).toEqual([{ text: "箸を持つ。", language: "ja", reading: "ハシ'ヲ/モ'ツ" }]),
  );
  expect(await screen.findByText(en.problems.speech_unavailable.what)).toBeTruthy();
});

test("a voice whose accents cannot be set says so", async () => {
  await show([], KOKORO.id);
  expect(await screen.findByText(en.readings.unheard)).toBeTruthy();
});
