import { describe, expect, test } from "vitest";
import { diagnose, failureOfStatus } from "./failure";

describe("failureOfStatus", () => {
  test.each([
    [404, "gone"],
    [410, "gone"],
    [403, "gone"],
    [429, "unavailable"],
    [503, "unavailable"],
    [206, "unplayable"],
  ] as const)("%s means %s", (status, failure) => {
    expect(failureOfStatus(status)).toBe(failure);
  });
});

describe("diagnose", () => {
  test("asks for a single byte, past the cache", async () => {
    const asked: RequestInit[] = [];
    const failure = await diagnose("/video.mp4", async (_url, init) => {
      asked.push(init ?? {});
      return new Response("x", { status: 206 });
    });
    expect(failure).toBe("unplayable");
    expect(asked[0]).toMatchObject({ headers: { Range: "bytes=0-0" }, cache: "no-store" });
  });

  test("an unreachable server means offline", async () => {
    const unreachable = () => Promise.reject(new TypeError("Failed to fetch"));
    expect(await diagnose("/video.mp4", unreachable)).toBe("offline");
  });
});
