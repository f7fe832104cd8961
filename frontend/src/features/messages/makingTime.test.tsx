import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import { LanguageProvider } from "../../i18n";
import { server } from "../../test/setup";
import { useMakingTime } from "./makingTime";

function Told({ script, voice }: { script: string; voice: string | null }) {
  return <output>{useMakingTime(script, "en", voice) ?? "nothing"}</output>;
}

const show = (script: string, voice: string | null = "v") =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LanguageProvider initial="en">
        <Told script={script} voice={voice} />
      </LanguageProvider>
    </QueryClientProvider>,
  );

const answers = (told: object, asked: string[] = []) =>
  server.use(
    http.get("*/api/v1/making-time", ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json({
        making_s: 40,
        wait_s: 0,
        length_s: 9,
        is_measured: true,
        ...told,
      });
    }),
  );

test.each([
  [{}, "about 40 seconds to make"],
  [{ is_measured: false }, "about 40 seconds to make (a first guess)"],
  [{ making_s: 100, wait_s: 60 }, "about 1 minute 40 seconds to make, 1 minute of it waiting"],
])("what is measured, guessed and waited for is told apart: %j", async (told, words) => {
  const asked: string[] = [];
  answers(told, asked);
  show("Happy birthday!");
  expect(await screen.findByText(words)).toBeTruthy();
  expect(asked).toEqual(["?characters=20&language=en&voice=v"]);
});

test("of nothing, of too much, and without a voice nothing is told", () => {
  for (const [script, voice] of [
    ["  ", "v"],
    ["x".repeat(5001), "v"],
    ["Hello", null],
  ] as const) {
    const { unmount } = show(script, voice);
    expect(screen.getByText("nothing")).toBeTruthy();
    unmount();
  }
});
