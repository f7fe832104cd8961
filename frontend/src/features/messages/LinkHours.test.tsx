import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { LanguageProvider } from "../../i18n";
import { API } from "../../test/account";
import { server } from "../../test/setup";
import { LinkHours } from "./LinkHours";

const HOURS = { opens_h: 9, closes_h: 19, zone: "Asia/Tokyo" };

function show(opening_hours: object | null) {
  let isAsked = false;
  server.use(
    http.get(`${API}/system/status`, () => {
      isAsked = true;
      return HttpResponse.json({ opening_hours });
    }),
  );
  const client = new QueryClient();
  render(
    <LanguageProvider>
      <QueryClientProvider client={client}>
        <LinkHours />
      </QueryClientProvider>
    </LanguageProvider>,
  );
  return { wasAsked: () => waitFor(() => expect(isAsked && client.isFetching() === 0).toBe(true)) };
}

beforeEach(() => localStorage.setItem("language", "en"));

test("a server that is off at night says when its links open", async () => {
  show({ ...HOURS, skips_holidays: false });
  expect(await screen.findByText(/Monday to Friday from 9:00 to 19:00, Japan time:/)).toBeTruthy();
});

test("holidays are named where they count, in Japanese too", async () => {
  localStorage.setItem("language", "ja");
  show({ ...HOURS, skips_holidays: true });
  expect(await screen.findByText(/平日の9時から19時まで（日本時間、祝日を除く）/)).toBeTruthy();
});

test("a server that is always on says nothing of hours", async () => {
  const { wasAsked } = show(null);
  await wasAsked();
  expect(document.querySelector("p")).toBeNull();
});
