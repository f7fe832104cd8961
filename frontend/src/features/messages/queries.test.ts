import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { Message } from "../../lib/api";
import { keepMessage, messageQuery } from "./queries";

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
