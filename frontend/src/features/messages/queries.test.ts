import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { Message } from "../../lib/api";
import { sharesQuery } from "../../lib/links";
import { askAboutLinks, keepMessage, messageQuery } from "./queries";

const draft = { id: "msg_1", state: "draft" } as Message;
const queued = { ...draft, state: "queued" } as Message;
const { queryKey } = messageQuery(draft.id);

test("an answer that was on its way does not undo a newer word", async () => {
  const client = new QueryClient();
  client.setQueryData(queryKey, draft);
  let answer: (message: Message) => void = () => undefined;
  const asked = client
    .fetchQuery({ queryKey, queryFn: () => new Promise<Message>((done) => (answer = done)) })
    .catch(() => undefined);
  keepMessage(client, queued);
  answer(draft);
  await asked;
  expect(client.getQueryData(queryKey)).toEqual(queued);
});

test("a first list of links from before a link was made is not the last one", async () => {
  const client = new QueryClient();
  const { queryKey } = sharesQuery(draft.id);
  const answers: ((links: string[]) => void)[] = [];
  const ask = () => new Promise<string[]>((answer) => answers.push(answer));
  const shown = new QueryObserver<string[]>(client, { queryKey, queryFn: ask });
  const leave = shown.subscribe(() => undefined);
  const asked = askAboutLinks(client, draft.id);
  await expect.poll(() => answers.length).toBe(2);
  answers[0]?.([]);
  answers[1]?.(["a link"]);
  await asked;
  expect(shown.getCurrentResult().data).toEqual(["a link"]);
  leave();
});
