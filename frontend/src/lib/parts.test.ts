import { describe, expect, test } from "vitest";
import { heldFromStart, nextPart, partSize, piecesBetween, recover, unbroken } from "./parts";

const PART = 4;
const held = (...numbers: number[]) => new Set(numbers);
const parts = (...sizes: number[]) =>
  sizes.map((size_bytes, place) => ({ number: place + 1, size_bytes }));

describe("nextPart", () => {
  test.each([
    ["waits until a part is full", held(), 3, false, null],
    ["sends the first full part", held(), 4, false, 1],
    ["sends the next one while the recording goes on", held(1), 9, false, 2],
    ["keeps the rest until nothing more comes", held(1, 2), 11, false, null],
    ["sends the short rest at the end", held(1, 2), 11, true, 3],
    ["is done when everything is held", held(1, 2, 3), 11, true, null],
    ["fills a gap that an interruption left", held(1, 3), 12, true, 2],
    ["has nothing to send of nothing", held(), 0, true, null],
    ["sends no empty part when the end falls on a border", held(1, 2), 8, true, null],
  ])("%s", (_name, numbers, bytes, isWhole, expected) => {
    expect(nextPart(numbers, bytes, PART, isWhole)).toBe(expected);
  });
});

describe("piecesBetween", () => {
  const text = ["ab", "cdefg", "h", "ijkl"];
  const read = (start: number, end: number) =>
    piecesBetween(
      text.map((chunk) => chunk.length),
      start,
      end,
    )
      .map(({ chunk, from, to }) => (text[chunk] ?? "").slice(from, to))
      .join("");

  test.each([
    [0, 4, "abcd"],
    [4, 8, "efgh"],
    [8, 12, "ijkl"],
    [0, 12, "abcdefghijkl"],
    [2, 7, "cdefg"],
    [12, 16, ""],
  ])("the bytes from %d to %d are %s", (start, end, expected) => {
    expect(read(start, end)).toBe(expected);
  });

  test("the parts of any chunks put together are the recording", () => {
    for (let bytes = 1; bytes <= 12; bytes += 1) {
      let whole = "";
      for (let number = 1; (number - 1) * PART < bytes; number += 1) {
        const start = (number - 1) * PART;
        whole += read(start, start + partSize(bytes, PART, number));
      }
      expect(whole).toBe("abcdefghijkl".slice(0, bytes));
    }
  });
});

describe("recover", () => {
  test("a crash: the device has more than the server, and only the rest is sent", () => {
    const found = recover(11, parts(4), PART);
    expect(found).toEqual({ bytes: 11, longest: "device", held: held(1) });
  });

  test("a full disk: the server has more than the device, and nothing is sent", () => {
    const found = recover(5, parts(4, 4, 4), PART);
    expect(found).toEqual({ bytes: 12, longest: "server", held: held(1, 2, 3) });
  });

  test("the last, short part was sent before the crash", () => {
    expect(recover(6, parts(4, 2), PART)).toEqual({
      bytes: 6,
      longest: "device",
      held: held(1, 2),
    });
  });

  test("a last part that has grown meanwhile is sent again", () => {
    expect(recover(10, parts(4, 2), PART).held).toEqual(held(1));
  });

  test("parts behind a gap do not count as held without the bytes before them", () => {
    const gap = [
      { number: 1, size_bytes: 4 },
      { number: 3, size_bytes: 4 },
    ];
    expect(heldFromStart(gap, PART)).toBe(4);
    expect(recover(12, gap, PART).held).toEqual(held(1, 3));
  });
});

test("chunks count up to the first that is missing", () => {
  const chunks = [2, 0, 1, 4].map((number) => ({ number }));
  expect(unbroken(chunks).map((chunk) => chunk.number)).toEqual([0, 1, 2]);
  expect(unbroken([])).toEqual([]);
});
