import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { en } from "../i18n/en";
import { ja } from "../i18n/ja";
import { API, signedInAs } from "../test/account";
import { server } from "../test/setup";
import { App, assemble } from "./App";

const SECRET = "vm_0123456789012345678901234567890abcdef";
const key = (name: string, scopes = ["speech", "voices"]) => ({
  id: `key_${name}`,
  name,
  hint: "vm_01234567",
  scopes,
  created_at: "2026-01-01T00:00:00Z",
  last_used_at: null,
  expires_at: null as string | null,
});
// jsdom knows the element, but not how it opens.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

let kept: ReturnType<typeof key>[] = [];
let overlap_s: number | null = null;

beforeEach(() => {
  kept = [key("build")];
  localStorage.setItem("language", "en");
  server.use(
    signedInAs(),
    http.get(`${API}/api-keys`, () => HttpResponse.json({ items: kept })),
    http.post(`${API}/api-keys`, async ({ request }) => {
      const { name, scopes } = (await request.json()) as { name: string; scopes: string[] };
      kept = [key(name, scopes), ...kept];
      return HttpResponse.json({ ...key(name, scopes), key: SECRET }, { status: 201 });
    }),
    http.post(`${API}/api-keys/:id/rotate`, async ({ request, params }) => {
      ({ overlap_s } = (await request.json()) as { overlap_s: number });
      const old = kept.filter(({ id }) => id === params.id);
      const next = { ...key("build"), id: "key_next" };
      kept = [next, ...old.map((each) => ({ ...each, expires_at: "2026-01-02T00:00:00Z" }))];
      return HttpResponse.json({ ...next, key: SECRET }, { status: 201 });
    }),
    http.delete(`${API}/api-keys/:id`, ({ params }) => {
      kept = kept.filter(({ id }) => id !== params.id);
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

function open() {
  render(<App {...assemble(createMemoryHistory({ initialEntries: ["/account/api-keys"] }))} />);
  return userEvent.setup();
}

async function make(user: ReturnType<typeof userEvent.setup>, name: string) {
  await user.type(await screen.findByLabelText(en.apiKeys.name), name);
  await user.click(screen.getByRole("button", { name: en.apiKeys.make }));
  return screen.findByRole("heading", { name: en.apiKeys.madeTitle(name) });
}

test("a key is shown once, with examples that hold it, and can be copied", async () => {
  const user = open();
  const heading = await make(user, "Robot");
  expect(document.activeElement).toBe(heading);
  expect(screen.getAllByText(new RegExp(SECRET))).toHaveLength(3);
  await user.click(screen.getByRole("button", { name: en.apiKeys.copy(en.apiKeys.key) }));
  expect(await navigator.clipboard.readText()).toBe(SECRET);
  expect(await screen.findByText("Robot")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: en.apiKeys.done }));
  expect(screen.queryByText(new RegExp(SECRET))).toBeNull();
  expect(screen.getByLabelText(en.apiKeys.name)).toBeTruthy();
});

test.each([
  ["en", en],
  ["ja", ja],
] as const)("what a key may do is chosen, speaking at first: %s", async (language, t) => {
  localStorage.setItem("language", language);
  const user = open();
  await user.type(await screen.findByLabelText(t.apiKeys.name), "Robot");
  const box = (scope: keyof typeof t.apiKeys.scopes) =>
    screen.getByRole<HTMLInputElement>("checkbox", {
      name: new RegExp(`^${t.apiKeys.scopes[scope]} *${scope}$`),
      hidden: true,
    });
  expect([box("speech").checked, box("messages:read").checked]).toEqual([true, false]);
  for (const scope of ["speech", "voices", "messages:read", "uploads"] as const) {
    await user.click(box(scope));
  }
  await user.click(screen.getByRole("button", { name: t.apiKeys.make }));
  await screen.findByRole("heading", { name: t.apiKeys.madeTitle("Robot") });
  expect(kept[0]?.scopes).toEqual(["messages:read", "uploads"]);
  expect(screen.getByText(/\/api\/v1\/messages/)).toBeTruthy();
  expect(screen.queryByText(/audio\/speech/)).toBeNull();
});

test("a key that may do nothing is not made", async () => {
  const user = open();
  await user.type(await screen.findByLabelText(en.apiKeys.name), "Robot");
  for (const box of screen.getAllByRole<HTMLInputElement>("checkbox", { hidden: true })) {
    if (box.checked) await user.click(box);
  }
  await user.click(screen.getByRole("button", { name: en.apiKeys.make }));
  expect(await screen.findByText(en.apiKeys.nothing)).toBeTruthy();
  expect(kept).toHaveLength(1);
});

test.each([
  ["en", en],
  ["ja", ja],
] as const)(
  "a key is replaced, and the old one says how long it works: %s",
  async (language, t) => {
    localStorage.setItem("language", language);
    const user = open();
    await user.click(await screen.findByRole("button", { name: t.apiKeys.rotateNamed("build") }));
    const dialog = within(screen.getByRole("dialog"));
    const overlap = dialog.getByLabelText<HTMLSelectElement>(t.apiKeys.overlap);
    expect(overlap.selectedOptions[0]?.text).toBe(t.apiKeys.overlaps.day);
    await user.selectOptions(overlap, t.apiKeys.overlaps.week);
    await user.click(dialog.getByRole("button", { name: t.apiKeys.rotate }));
    const heading = await screen.findByRole("heading", { name: t.apiKeys.madeTitle("build") });
    expect(document.activeElement).toBe(heading);
    expect(overlap_s).toBe(7 * 24 * 3600);
    const until = screen.findByText(new RegExp(t.apiKeys.ends("@").split("@")[0] ?? ""));
    expect(await until).toBeTruthy();
    expect(screen.getAllByRole("button", { name: t.apiKeys.rotateNamed("build") })).toHaveLength(1);
  },
);

test("a key that cannot be replaced says why and stays", async () => {
  server.use(
    http.post(`${API}/api-keys/:id/rotate`, () =>
      HttpResponse.json({ code: "conflict_state" }, { status: 409 }),
    ),
  );
  const user = open();
  await user.click(await screen.findByRole("button", { name: en.apiKeys.rotateNamed("build") }));
  const dialog = within(screen.getByRole("dialog"));
  await user.click(dialog.getByRole("button", { name: en.apiKeys.rotate }));
  expect(await dialog.findByText(en.problems.conflict_state.what)).toBeTruthy();
  expect(screen.queryByText(new RegExp(SECRET))).toBeNull();
});

test("a key without a name is not made", async () => {
  const user = open();
  await user.click(await screen.findByRole("button", { name: en.apiKeys.make }));
  expect(await screen.findByText(en.common.requiredMissing)).toBeTruthy();
  expect(kept).toHaveLength(1);
});

test("a key is revoked only after asking", async () => {
  const user = open();
  await user.click(await screen.findByRole("button", { name: en.apiKeys.revokeNamed("build") }));
  await user.click(within(screen.getByRole("dialog")).getByText(en.common.cancel));
  expect(kept).toHaveLength(1);
  await user.click(screen.getByRole("button", { name: en.apiKeys.revokeNamed("build") }));
  await user.click(within(screen.getByRole("dialog")).getByText(en.apiKeys.revoke));
  expect(await screen.findByText(en.apiKeys.none)).toBeTruthy();
  expect(kept).toEqual([]);
});

test("the examples speak the page's language", async () => {
  localStorage.setItem("language", "ja");
  const user = open();
  await user.type(await screen.findByLabelText(ja.apiKeys.name), "ロボット");
  await user.click(screen.getByRole("button", { name: ja.apiKeys.make }));
  expect(await screen.findAllByText(/こんにちは/)).toHaveLength(2);
});

test("a list that cannot be loaded says so and can be asked for again", async () => {
  let isDown = true;
  server.use(
    http.get(`${API}/api-keys`, () =>
      isDown ? HttpResponse.error() : HttpResponse.json({ items: kept }),
    ),
  );
  const user = open();
  const again = await screen.findByRole("button", { name: en.common.tryAgain });
  isDown = false;
  await user.click(again);
  await waitFor(() => expect(screen.getByText("build")).toBeTruthy());
});
