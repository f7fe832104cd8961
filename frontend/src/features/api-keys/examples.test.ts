import { expect, test } from "vitest";
import { LOCALES } from "../../i18n";
import { curlExample, pythonExample } from "./examples";

const KEY = "vm_abc";
const ADDRESS = "https://video.example.org";

test.each(LOCALES)("the %s examples name the address and the key, and can be pasted", (locale) => {
  const curl = curlExample(locale, ADDRESS, KEY);
  const python = pythonExample(locale, ADDRESS, KEY);
  expect(curl).toContain(`curl ${ADDRESS}/v1/audio/speech`);
  expect(curl).toContain(`Bearer ${KEY}`);
  expect(python).toContain(`base_url="${ADDRESS}/v1", api_key="${KEY}"`);
  // The body stands in single quotes: one more would end it.
  const body = /-d '([^']*)'/.exec(curl)?.[1] ?? "";
  expect(JSON.parse(body)).toMatchObject({ voice: "alloy" });
  expect(python).toContain(JSON.parse(body).input);
});

test("each language has a sentence of its own", () => {
  expect(curlExample("ja", ADDRESS, KEY)).toContain("こんにちは");
  expect(curlExample("en", ADDRESS, KEY)).toContain("Hello");
});
