import { QueryClient } from "@tanstack/react-query";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { server } from "../test/setup";
import { beginWithLink, sharesQuery } from "./links";

const SHARES = "*/api/v1/messages/msg_1/shares";
let asked: string[];

beforeEach(() => {
  asked = [];
});

const list = http.get(SHARES, () => {
  asked.push("GET");
  return HttpResponse.json({ items: [] });
});

test("who asks for the links while the first is made waits for it, and makes no second", async () => {
  server.use(
    http.post(SHARES, () => {
      asked.push("POST");
      return HttpResponse.json({ id: "shr_1" }, { status: 201 });
    }),
    list,
  );
  const client = new QueryClient();
  beginWithLink(client, "msg_1");
  const { items } = await client.ensureQueryData(sharesQuery("msg_1"));
  expect(items.map(({ id }) => id)).toEqual(["shr_1"]);
  expect(asked).toEqual(["POST"]);
});

test("a first link that could not be made leaves the list to be asked for", async () => {
  server.use(
    http.post(SHARES, () => HttpResponse.json({ code: "conflict" }, { status: 409 })),
    list,
  );
  const client = new QueryClient();
  beginWithLink(client, "msg_1");
  await expect.poll(() => client.isFetching()).toBe(0);
  const { items } = await client.ensureQueryData(sharesQuery("msg_1"));
  expect(items).toEqual([]);
  expect(asked).toEqual(["GET"]);
});
