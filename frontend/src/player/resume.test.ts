import { beforeEach, describe, expect, test } from "vitest";
import { isWorthResuming, nameOf, positionMemory } from "./resume";

/** A Storage that lives in the test alone. */
function memoryStorage(): Storage {
  const held = new Map<string, string>();
  return {
    get length() {
      return held.size;
    },
    clear: () => held.clear(),
    getItem: (key) => held.get(key) ?? null,
    key: (index) => [...held.keys()][index] ?? null,
    removeItem: (key) => void held.delete(key),
    setItem: (key, value) => void held.set(key, value),
  };
}

describe("positionMemory", () => {
  let storage: Storage;
  beforeEach(() => {
    storage = memoryStorage();
  });

  test("gives back where the viewer stopped", () => {
    positionMemory("/s/a/video.mp4", () => storage).write(42.31);
    expect(positionMemory("/s/a/video.mp4", () => storage).read(60)).toBe(42.3);
  });

  test("keeps videos apart and forgets on request", () => {
    const first = positionMemory("/s/a/video.mp4", () => storage);
    first.write(20);
    expect(positionMemory("/s/b/video.mp4", () => storage).read(60)).toBeNull();
    first.forget();
    expect(first.read(60)).toBeNull();
  });

  test("never stores the link itself", () => {
    positionMemory("/s/secret-token/video.mp4", () => storage).write(20);
    expect(storage.key(0)).not.toContain("secret-token");
  });

  test("plays on where the browser refuses storage", () => {
    const refused = positionMemory("/s/a/video.mp4", () => {
      throw new DOMException("denied", "SecurityError");
    });
    refused.write(20);
    refused.forget();
    expect(refused.read(60)).toBeNull();
  });

  test("believes no nonsense in the storage", () => {
    const memory = positionMemory("/s/a/video.mp4", () => storage);
    memory.write(20);
    storage.setItem(storage.key(0) ?? "", "soon");
    expect(memory.read(60)).toBeNull();
  });
});

test.each([
  [20, 60, true],
  [3, 60, false],
  [57, 60, false],
  [10, 20, false],
])("stopping at %s of %s s is worth resuming: %s", (timeS, durationS, isWorth) => {
  expect(isWorthResuming(timeS, durationS)).toBe(isWorth);
});

test("nameOf tells different links apart", () => {
  expect(nameOf("/s/a/video.mp4")).not.toBe(nameOf("/s/b/video.mp4"));
});
