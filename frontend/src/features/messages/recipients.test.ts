import { expect, test } from "vitest";
import { entryOf, parseRecipients } from "./recipients";

test.each([
  ["", []],
  [" \n ,; ", []],
  ["anna@example.com", [["anna@example.com", null]]],
  [
    "anna@example.com\nTom <tom@example.com>\n",
    [
      ["anna@example.com", null],
      ["tom@example.com", "Tom"],
    ],
  ],
  [
    '"Berg Anna" <anna@example.com>; tom@example.com、花子＜hanako@example.jp＞',
    [
      ["anna@example.com", "Berg Anna"],
      ["tom@example.com", null],
      ["hanako@example.jp", "花子"],
    ],
  ],
  ["<anna@example.com>", [["anna@example.com", null]]],
])("%j is read", (typed, read) => {
  expect(parseRecipients(typed).map(({ email, name }) => [email, name])).toEqual(read);
});

test.each(["anna", "Tom <tom@example.com", "anna@example.com tom@example.com"])(
  "%s is left whole, so that it can be refused by its name",
  (typed) => expect(parseRecipients(typed)).toEqual([{ email: typed, name: null }]),
);

test("a problem is led back to what was typed", () => {
  const recipients = parseRecipients("anna@example.com\ntom");
  expect(entryOf("recipients.1.email", recipients)).toBe("tom");
  expect(entryOf("recipients", recipients)).toBeNull();
  expect(entryOf("recipients.9.email", recipients)).toBeNull();
  expect(entryOf("note", recipients)).toBeNull();
});
