import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { LanguageProvider } from "../../i18n";
import { en } from "../../i18n/en";
import type { Email, Message } from "../../lib/api";
import { API, signedInAs } from "../../test/account";
import { server } from "../../test/setup";
import { ToastProvider } from "../../ui/Toasts";
import { Emails } from "./Emails";

const MESSAGE = { id: "msg_1" } as Message;
const NOBODY = {
  opened: 0,
  views: 0,
  viewers: 0,
  quarters: [0, 0, 0, 0],
  reactions: 0,
  replies: 0,
};
const EMAIL: Email = {
  id: "eml_1",
  share_id: "shr_1",
  email: "tom@example.com",
  name: "Tom",
  state: "sent",
  tries: 1,
  problem: null,
  next_try_at: null,
  waits_for_video: false,
  created_at: "2026-01-01T00:00:00Z",
  sent_at: "2026-01-01T00:00:01Z",
  stats: NOBODY,
  last_viewed_at: null,
};

let emails: Email[];

beforeEach(() => {
  emails = [];
  server.use(
    signedInAs(),
    http.get(`${API}/system/status`, () => HttpResponse.json({ sends_mail: true })),
    http.get(`${API}/messages/msg_1/emails`, () => HttpResponse.json({ items: emails })),
  );
});

function show() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <LanguageProvider initial="en">
        <ToastProvider>
          <Emails message={MESSAGE} />
        </ToastProvider>
      </LanguageProvider>
    </QueryClientProvider>,
  );
}

test("a server that sends no mail says so and offers no form", async () => {
  server.use(http.get(`${API}/system/status`, () => HttpResponse.json({ sends_mail: false })));
  show();
  expect(await screen.findByText(en.emails.off)).toBeTruthy();
  expect(screen.queryByText(en.emails.write)).toBeNull();
});

test.each<[string, Partial<Email>, string]>([
  ["queued", { state: "queued", sent_at: null }, en.emails.queued],
  ["waiting", { state: "queued", waits_for_video: true }, en.emails.waits],
  ["sent", {}, en.emails.sent],
  ["opened", { stats: { ...NOBODY, opened: 1 } }, en.emails.opened],
  ["begun", { stats: { ...NOBODY, opened: 1, viewers: 1 } }, en.emails.started],
  ["half", { stats: { ...NOBODY, viewers: 1, quarters: [1, 1, 0, 0] } }, en.emails.watched("50%")],
  ["all", { stats: { ...NOBODY, viewers: 1, quarters: [1, 1, 1, 1] } }, en.emails.watched("100%")],
])("a mail shows how far it got: %s", async (_name, more, words) => {
  emails = [{ ...EMAIL, ...more }];
  show();
  const list = await screen.findByRole("list", { name: en.emails.list });
  expect(within(list).getByText(words)).toBeTruthy();
  expect(within(list).queryByRole("button")).toBeNull();
});

test("a mail that came back tells why, and can be sent again", async () => {
  const problem = { code: "address_refused", server_code: 550 } as const;
  emails = [{ ...EMAIL, state: "bounced", sent_at: null, problem }];
  server.use(
    http.post(`${API}/emails/eml_1/retry`, () => {
      emails = [{ ...EMAIL, state: "queued", sent_at: null }];
      return HttpResponse.json(emails[0], { status: 202 });
    }),
  );
  show();
  expect(await screen.findByText(en.emails.bounced)).toBeTruthy();
  expect(screen.getByText(`${en.emails.reasons.address_refused} (550)`)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: /Try again.*Tom/ }));
  expect(await screen.findByText(en.emails.queued)).toBeTruthy();
});

test("addresses, subject and words are sent; an address that is none is named", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post(`${API}/messages/msg_1/emails`, async ({ request }) => {
      sent.push(await request.json());
      const error = { field: "recipients.1.email", code: "email_invalid", message: "", fix: "" };
      return sent.length === 1
        ? HttpResponse.json({ code: "validation", errors: [error] }, { status: 422 })
        : HttpResponse.json({ items: [EMAIL] }, { status: 202 });
    }),
  );
  show();
  await userEvent.click(await screen.findByText(en.emails.write));
  await userEvent.click(screen.getByRole("button", { name: en.emails.send }));
  expect(await screen.findByText(en.common.requiredMissing)).toBeTruthy();
  expect(sent).toEqual([]);

  const to = screen.getByRole("textbox", { name: en.emails.to });
  await userEvent.type(to, "Tom <tom@example.com>\nanna");
  await userEvent.type(screen.getByRole("textbox", { name: /A few words/ }), "Look!");
  await userEvent.click(screen.getByRole("button", { name: en.emails.send }));
  expect(await screen.findByText(/^anna: /)).toBeTruthy();
  await userEvent.type(to, "@example.com");
  await userEvent.click(screen.getByRole("button", { name: en.emails.send }));
  expect(await screen.findByText(en.emails.underway("1"))).toBeTruthy();
  expect(sent[1]).toEqual({
    recipients: [
      { email: "tom@example.com", name: "Tom" },
      { email: "anna@example.com", name: null },
    ],
    subject: en.emails.subjectOf("Anna"),
    note: "Look!",
    language: "en",
    rules: {},
  });
  expect(screen.queryByRole("textbox", { name: en.emails.to })).toBeNull();
});

test("the links of mails get rules, and a refused one is told beside it", async () => {
  const sent: { rules?: unknown }[] = [];
  server.use(
    http.post(`${API}/messages/msg_1/emails`, async ({ request }) => {
      sent.push((await request.json()) as { rules?: unknown });
      const error = { field: "rules.password", code: "string_too_short", message: "", fix: "" };
      return sent.length === 1
        ? HttpResponse.json({ code: "validation", errors: [error] }, { status: 422 })
        : HttpResponse.json({ items: [EMAIL] }, { status: 202 });
    }),
  );
  show();
  await userEvent.click(await screen.findByText(en.emails.write));
  await userEvent.type(screen.getByRole("textbox", { name: en.emails.to }), "tom@example.com");
  await userEvent.click(screen.getByText(en.emails.rules));
  await userEvent.click(screen.getByRole("checkbox", { name: en.links.askPassword }));
  await userEvent.click(screen.getByRole("checkbox", { name: en.links.download }));
  const password = screen.getByLabelText(en.links.password);
  await userEvent.type(password, "abc");
  await userEvent.click(screen.getByRole("button", { name: en.emails.send }));
  expect(await screen.findByText(en.problems.string_too_short.what)).toBeTruthy();
  expect(password.getAttribute("aria-invalid")).toBe("true");
  await userEvent.type(password, "def");
  await userEvent.click(screen.getByRole("button", { name: en.emails.send }));
  expect(await screen.findByText(en.emails.underway("1"))).toBeTruthy();
  expect(sent[1]?.rules).toEqual({ password: "abcdef", allow_download: true });
});
