import { describe, expect, test, vi } from "vitest";
import { Refusal } from "../calls";
import { type GuestUploadOptions, guestUpload } from "./upload";

/** The backend at the edge: what was asked for, and what is held of the file. */
function backend(partSize: number) {
  const asked: string[] = [];
  const held = new Map<number, string>();
  const ask = vi.fn(async (method: string, path: string, body?: unknown) => {
    asked.push(`${method} ${path}`);
    if (path === "/uploads") return { id: "upl_1", part_size_bytes: partSize };
    if (path.endsWith("/parts")) {
      const { number } = body as { number: number };
      return { url: `/parts/${number}`, headers: {} };
    }
    return {};
  });
  const put: NonNullable<GuestUploadOptions["put"]> = async (address, piece, _signal, onSent) => {
    held.set(Number(address.url.split("/").at(-1)), await piece.text());
    onSent(piece.size);
    return 200;
  };
  return { asked, held, ask, put };
}

function options(extra: Partial<GuestUploadOptions>): GuestUploadOptions {
  return {
    calls: { ask: async () => ({}) },
    kind: "audio",
    file: new Blob(["abcdefghij"], { type: "audio/webm" }),
    filename: "reply.webm",
    signal: new AbortController().signal,
    onProgress: () => undefined,
    delayMs: () => 0,
    ...extra,
  };
}

describe("guestUpload", () => {
  test("sends every part once, the last as long as it is", async () => {
    const { asked, held, ask, put } = backend(4);
    const fractions: number[] = [];
    const upload = guestUpload(
      options({ calls: { ask }, put, onProgress: (fraction) => fractions.push(fraction) }),
    );
    expect(await upload.send()).toBe("upl_1");
    expect([...held.values()]).toEqual(["abcd", "efgh", "ij"]);
    expect(asked.at(-1)).toBe("POST /uploads/upl_1/complete");
    expect(fractions.at(-1)).toBe(1);
  });

  test("a part that was lost is sent again, to a new address", async () => {
    const { asked, held, ask, put } = backend(4);
    let losses = 2;
    const shaky: typeof put = async (...args) => {
      losses -= 1;
      return losses >= 0 ? 0 : put(...args);
    };
    await guestUpload(options({ calls: { ask }, put: shaky })).send();
    expect([...held.values()].join("")).toBe("abcdefghij");
    expect(asked.filter((call) => call.endsWith("/parts"))).toHaveLength(5);
  });

  test("an end whose answer was lost is asked for until the server has opened it", async () => {
    const { asked, ask, put } = backend(16);
    const refusals = [new Refusal(0, "network"), new Refusal(409, "upload_busy")];
    const lost: typeof ask = vi.fn(async (method, path, body) => {
      const answer = await ask(method, path, body);
      const refusal = path.endsWith("/complete") ? refusals.shift() : undefined;
      if (refusal) throw refusal;
      return answer;
    });
    expect(await guestUpload(options({ calls: { ask: lost }, put })).send()).toBe("upl_1");
    expect(asked.filter((call) => call.endsWith("/complete"))).toHaveLength(3);
  });

  test("pressing Send again goes on where it stopped", async () => {
    const { asked, ask, put } = backend(4);
    let isDown = true;
    const flaky: typeof put = async (...args) =>
      isDown && args[0].url.endsWith("2") ? 500 : put(...args);
    const upload = guestUpload(options({ calls: { ask }, put: flaky }));
    await expect(upload.send()).rejects.toThrow(Refusal);
    isDown = false;
    asked.length = 0;
    expect(await upload.send()).toBe("upl_1");
    expect(asked).toEqual([
      "POST /uploads/upl_1/parts",
      "POST /uploads/upl_1/parts",
      "POST /uploads/upl_1/complete",
    ]);
  });

  test("storage that fills up on the way is told as that, and not tried again", async () => {
    const { asked, ask } = backend(4);
    const full = guestUpload(options({ calls: { ask }, put: async () => 413 }));
    await expect(full.send()).rejects.toMatchObject({ status: 413, code: "quota_reached" });
    expect(asked.filter((call) => call.endsWith("/parts"))).toHaveLength(1);
  });

  test("what is refused for good is not tried again", async () => {
    const ask = vi.fn(async () => {
      throw new Refusal(403, "replies_off");
    });
    await expect(guestUpload(options({ calls: { ask } })).send()).rejects.toThrow("replies_off");
    expect(ask).toHaveBeenCalledOnce();
  });
});
