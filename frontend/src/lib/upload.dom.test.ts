import { Blob as NodeBlob } from "node:buffer";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, test } from "vitest";
import { server } from "../test/setup";
import { Problem } from "./problems";
import { uploadFile } from "./upload";

const PART = 4;
const API = "*/api/v1/uploads";

/** An upload server in memory: S3-shaped parts like the real one's, and faults on request. */
class UploadServer {
  readonly parts = new Map<number, Uint8Array>();
  readonly sent: number[] = [];
  created = 0;
  state = "open";
  sizeBytes = 0;
  isKnown = true;
  /** Called before a part is taken; what it returns is answered instead. */
  fault: (number: number) => Response | undefined = () => undefined;
  /** What was asked for each part, and with which headers it then came. */
  readonly wishes: unknown[] = [];
  readonly came: Headers[] = [];
  refusal: Response | null = null;

  private body() {
    const parts = [...this.parts].map(([number, bytes]) => ({
      number,
      size_bytes: bytes.length,
      sha256: "0".repeat(64),
    }));
    return {
      id: "upl_1",
      kind: "audio",
      state: this.state,
      size_bytes: this.sizeBytes,
      part_size_bytes: PART,
      parts,
    };
  }

  handlers() {
    return [
      http.post(API, async ({ request }) => {
        this.created += 1;
        this.sizeBytes = ((await request.json()) as { size_bytes: number }).size_bytes;
        return HttpResponse.json(this.body(), { status: 201 });
      }),
      http.get(`${API}/upl_1`, () =>
        this.isKnown
          ? HttpResponse.json(this.body())
          : HttpResponse.json({ code: "not_found" }, { status: 404 }),
      ),
      http.post(`${API}/upl_1/parts`, async ({ request }) => {
        const wish = (await request.json()) as { number: number };
        this.wishes.push(wish);
        const url = `${location.origin}/api/v1/uploads/upl_1/parts/${wish.number}?signature=x`;
        const headers = { "x-amz-checksum-sha256": "c2lnbmVk" };
        return HttpResponse.json({ url, method: "PUT", headers, expires_at: "" });
      }),
      http.put(`${API}/upl_1/parts/:number`, async ({ request, params }) => {
        const number = Number(params.number);
        this.came.push(request.headers);
        const fault = this.fault(number);
        if (fault) return fault;
        const bytes = new Uint8Array(await request.arrayBuffer());
        this.parts.set(number, bytes);
        this.sent.push(number);
        return HttpResponse.json({ number, size_bytes: bytes.length, sha256: "0".repeat(64) });
      }),
      http.post(`${API}/upl_1/complete`, () => {
        if (this.refusal) return this.refusal.clone();
        this.state = "complete";
        return HttpResponse.json(this.body());
      }),
    ];
  }

  get received(): string {
    const inOrder = [...this.parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    return new TextDecoder().decode(Uint8Array.from(inOrder.flatMap((bytes) => [...bytes])));
  }
}

let uploads: UploadServer;
// msw reads the bytes of Node's blobs only, not of jsdom's.
const file = () => new NodeBlob(["0123456789"], { type: "audio/wav" }) as unknown as Blob;
const send = (extra: Partial<Parameters<typeof uploadFile>[0]> = {}) =>
  uploadFile({ kind: "audio", file: file(), filename: "voice.wav", delayMs: () => 1, ...extra });

beforeEach(() => {
  uploads = new UploadServer();
  server.use(...uploads.handlers());
});

describe("uploadFile", () => {
  test("sends every byte in parts and reports how far it is", async () => {
    const reported: number[] = [];
    const finished = await send({ onProgress: (fraction) => reported.push(fraction) });
    expect(finished.state).toBe("complete");
    expect(uploads.received).toBe("0123456789");
    expect(uploads.sent).toEqual([1, 2, 3]);
    expect(reported[0]).toBe(0);
    expect(reported.at(-1)).toBe(1);
    expect(reported).toEqual([...reported].sort((a, b) => a - b));
  });

  test("goes on after a reload with the parts that are missing", async () => {
    const broken = new AbortController();
    uploads.fault = (number) => {
      if (number !== 2) return undefined;
      broken.abort(); // the page is closed while the second part is on its way
      return HttpResponse.error();
    };
    await expect(send({ signal: broken.signal })).rejects.toMatchObject({ name: "AbortError" });
    uploads.fault = () => undefined;
    let resumed = false;
    await send({
      onResume: () => {
        resumed = true;
      },
    });
    expect(resumed).toBe(true);
    expect(uploads.created).toBe(1);
    expect(uploads.sent).toEqual([1, 2, 3]);
    expect(uploads.received).toBe("0123456789");
  });

  test("sends a part again after a lost connection, and says that it waits", async () => {
    let losses = 2;
    uploads.fault = (number) => (number === 2 && losses-- > 0 ? HttpResponse.error() : undefined);
    const waiting: boolean[] = [];
    await send({ onWaiting: (isWaiting) => waiting.push(isWaiting) });
    expect(uploads.received).toBe("0123456789");
    expect(waiting).toContain(true);
    expect(waiting.at(-1)).toBe(false);
  });

  test("sends a part again that was damaged on its way", async () => {
    let damaged = true;
    uploads.fault = () => {
      if (!damaged) return undefined;
      damaged = false;
      return HttpResponse.json({ code: "upload_checksum" }, { status: 422 });
    };
    await send();
    expect(uploads.received).toBe("0123456789");
  });

  test("sends each part with the headers that its address was signed with", async () => {
    await send();
    expect(uploads.wishes).toMatchObject([
      { number: 1, size_bytes: 4 },
      { number: 2, size_bytes: 4 },
      { number: 3, size_bytes: 2 },
    ]);
    expect(uploads.came.map((each) => each.get("x-amz-checksum-sha256"))).toEqual(
      Array(3).fill("c2lnbmVk"),
    );
  });

  test.each([
    [403, "AccessDenied"],
    [400, "BadDigest"],
    [400, "RequestTimeout"],
    [503, "SlowDown"],
  ])("asks for another address after S3 answered %i %s", async (status, code) => {
    let refusals = 1;
    uploads.fault = () =>
      refusals-- > 0
        ? new HttpResponse(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`, { status })
        : undefined;
    await send();
    expect(uploads.received).toBe("0123456789");
    expect(uploads.wishes).toHaveLength(4);
  });

  test("says what it was when S3 refuses every address", async () => {
    uploads.fault = () =>
      new HttpResponse("<Error><Code>AccessDenied</Code></Error>", { status: 403 });
    await expect(send()).rejects.toMatchObject({ code: "upload_address" });
  });

  test("gives up on a server that stays away, with words for it", async () => {
    uploads.fault = () => HttpResponse.error();
    await expect(send()).rejects.toMatchObject({ code: "network" });
  });

  test("passes a refusal on and begins afresh next time", async () => {
    const told = { code: "media_unreadable", detail: "", errors: [] };
    uploads.refusal = HttpResponse.json(told, { status: 422 });
    await expect(send()).rejects.toBeInstanceOf(Problem);
    uploads.refusal = null;
    await send();
    expect(uploads.created).toBe(2);
  });

  test("begins afresh when the server has forgotten the upload", async () => {
    await send();
    uploads.isKnown = false;
    uploads.parts.clear();
    uploads.state = "open";
    await send();
    expect(uploads.created).toBe(2);
    expect(uploads.received).toBe("0123456789");
  });

  test("works where the browser refuses storage", async () => {
    const stored = Object.getOwnPropertyDescriptor(window, "localStorage");
    Object.defineProperty(window, "localStorage", {
      configurable: true,
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
    try {
      await send();
    } finally {
      if (stored) Object.defineProperty(window, "localStorage", stored);
    }
    expect(uploads.received).toBe("0123456789");
  });
});
