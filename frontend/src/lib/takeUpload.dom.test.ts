import { Blob as NodeBlob } from "node:buffer";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { server } from "../test/setup";
import { piecesBetween } from "./parts";
import { type TakeSource, TakeUpload, type TakeUploadFacts } from "./takeUpload";

const PART = 4;
const API = "*/api/v1/uploads";

/** An upload server in memory, with faults on request. */
class UploadServer {
  readonly parts = new Map<number, string>();
  readonly sent: number[] = [];
  readonly sizes: number[] = [];
  created = 0;
  state = "open";
  isKnown = true;
  fault: (number: number) => Response | undefined = () => undefined;
  completion: () => Response | undefined = () => undefined;

  private body() {
    const parts = [...this.parts].map(([number, text]) => ({
      number,
      size_bytes: text.length,
      sha256: "",
    }));
    const video = { duration_s: 1, width_px: 1, height_px: 1, has_audio: true, stream_type: null };
    const isDone = this.state === "complete";
    return {
      id: `upl_${this.created}`,
      kind: "video",
      state: this.state,
      size_bytes: null,
      part_size_bytes: PART,
      parts: isDone ? [] : parts,
      video: isDone ? video : null,
    };
  }

  handlers() {
    return [
      http.post(API, async ({ request }) => {
        const wish = (await request.json()) as { kind: string; size_bytes: number | null };
        expect(wish).toMatchObject({ kind: "video", size_bytes: null });
        this.created += 1;
        return HttpResponse.json(this.body(), { status: 201 });
      }),
      http.get(`${API}/:id`, () =>
        this.isKnown
          ? HttpResponse.json(this.body())
          : HttpResponse.json({ code: "not_found" }, { status: 404 }),
      ),
      http.post(`${API}/:id/parts`, async ({ request, params }) => {
        const { number } = (await request.json()) as { number: number };
        const url = `${location.origin}/api/v1/uploads/${params.id}/parts/${number}?signature=x`;
        return HttpResponse.json({ url, method: "PUT", headers: {}, expires_at: "" });
      }),
      http.put(`${API}/:id/parts/:number`, async ({ request, params }) => {
        const number = Number(params.number);
        const fault = this.fault(number);
        if (fault) return fault;
        this.parts.set(number, await request.text());
        this.sent.push(number);
        return HttpResponse.json({ number, size_bytes: 1, sha256: "" });
      }),
      http.post(`${API}/:id/complete`, async ({ request }) => {
        this.sizes.push(((await request.json()) as { size_bytes: number }).size_bytes);
        const fault = this.completion();
        if (fault) return fault;
        this.state = "complete";
        return HttpResponse.json(this.body());
      }),
      http.delete(`${API}/:id`, () => {
        this.parts.clear();
        return new HttpResponse(null, { status: 204 });
      }),
    ];
  }

  get received(): string {
    return [...this.parts]
      .sort(([a], [b]) => a - b)
      .map(([, text]) => text)
      .join("");
  }
}

/** A recording that grows. */
class Recording implements TakeSource {
  private readonly chunks: string[] = [];
  isWhole = false;

  constructor(...chunks: string[]) {
    this.chunks = chunks;
  }

  get bytes(): number {
    return this.chunks.join("").length;
  }

  add(chunk: string): void {
    this.chunks.push(chunk);
  }

  slice(start: number, end: number): Blob {
    const sizes = this.chunks.map((chunk) => chunk.length);
    const text = piecesBetween(sizes, start, end)
      .map(({ chunk, from, to }) => this.chunks[chunk]?.slice(from, to))
      .join("");
    // jsdom's own Blob cannot be sent by msw's interceptor.
    return new NodeBlob([text]) as unknown as Blob;
  }
}

let uploads: UploadServer;
beforeEach(() => {
  uploads = new UploadServer();
  server.use(...uploads.handlers());
});

function begin(source: Recording, uploadId: string | null = null) {
  const begun: string[] = [];
  const seen: TakeUploadFacts["state"][] = [];
  const upload = new TakeUpload({
    source,
    filename: "recording.webm",
    mimeType: "video/webm;codecs=vp8,opus",
    sizeBytes: null,
    uploadId,
    onBegun: (id) => begun.push(id),
    onFacts: ({ state }) => seen.push(state),
    delayMs: () => 1,
  });
  upload.wake();
  return { upload, begun, seen };
}

const problem = (status: number, code: string) =>
  HttpResponse.json(
    {
      status,
      code: "validation",
      detail: "",
      errors: [{ field: "part", code, message: "", fix: "" }],
    },
    { status },
  );

describe("while it is recorded", () => {
  test("each part goes as soon as it is full, the rest at the end", async () => {
    const source = new Recording("abc");
    const { upload, begun } = begin(source);
    source.add("defg");
    upload.wake();
    await vi.waitFor(() => expect(uploads.received).toBe("abcd"));
    source.add("hij");
    source.isWhole = true;
    upload.wake();
    const { video } = await upload.finished();
    expect(uploads.received).toBe("abcdefghij");
    expect(uploads.sizes).toEqual([10]);
    expect(video?.duration_s).toBe(1);
    expect(begun).toEqual(["upl_1"]);
    expect(upload.state.state).toBe("done");
  });

  test("a lost connection is waited for, however long", async () => {
    let tries = 0;
    uploads.fault = () => {
      tries += 1;
      return tries < 12 ? HttpResponse.error() : undefined;
    };
    const source = new Recording("abcdef");
    source.isWhole = true;
    const { upload, seen } = begin(source);
    await upload.finished();
    expect(tries).toBe(13);
    expect(seen).toContain("waiting");
    expect(uploads.received).toBe("abcdef");
  });

  test("a server that is opening the file already is asked again", async () => {
    let tries = 0;
    uploads.completion = () => {
      tries += 1;
      if (tries > 1) return undefined;
      return HttpResponse.json({ code: "upload_busy", errors: [] }, { status: 409 });
    };
    const source = new Recording("abc");
    source.isWhole = true;
    await begin(source).upload.finished();
    expect(tries).toBe(2);
  });
});

describe("after a crash", () => {
  const whole = () => Object.assign(new Recording("abcdefghij"), { isWhole: true });

  test("only what the server lacks is sent", async () => {
    uploads.created = 1;
    uploads.parts.set(1, "abcd");
    await begin(whole(), "upl_1").upload.finished();
    expect(uploads.sent).toEqual([2, 3]);
    expect(uploads.received).toBe("abcdefghij");
  });

  test("an upload that the server has forgotten is sent anew", async () => {
    uploads.isKnown = false;
    const { upload, begun } = begin(whole(), "upl_old");
    await upload.finished();
    expect(begun).toEqual(["upl_1"]);
    expect(uploads.sent).toEqual([1, 2, 3]);
  });

  test("what was complete before the crash is not sent again", async () => {
    uploads.created = 1;
    uploads.state = "complete";
    await begin(whole(), "upl_1").upload.finished();
    expect(uploads.sent).toEqual([]);
    expect(uploads.sizes).toEqual([]);
  });

  test("where this device's disk was full, the server's longer copy is the recording", async () => {
    uploads.created = 1;
    for (const [number, text] of ["abcd", "efgh", "ijkl"].entries()) {
      uploads.parts.set(number + 1, text);
    }
    const { upload } = begin(Object.assign(new Recording("abcde"), { isWhole: true }), "upl_1");
    await upload.finished();
    expect(uploads.sent).toEqual([]);
    expect(uploads.sizes).toEqual([12]);
    expect(upload.state.sentBytes).toBe(12);
  });

  test("a part that was damaged on the server's disk is sent again", async () => {
    uploads.completion = () => {
      if (uploads.sizes.length > 1) return undefined;
      uploads.parts.delete(2);
      return problem(422, "upload_incomplete");
    };
    await begin(whole()).upload.finished();
    expect(uploads.sent).toEqual([1, 2, 3, 2]);
    expect(uploads.received).toBe("abcdefghij");
  });
});

describe("what the server does not take", () => {
  test("a full account stops the sending, and what fits can be sent", async () => {
    uploads.fault = (number) => (number > 2 ? problem(413, "quota_reached") : undefined);
    const source = Object.assign(new Recording("abcdefghij"), { isWhole: true });
    const { upload } = begin(source);
    await expect(upload.finished()).rejects.toMatchObject({ status: 413 });
    expect(upload.state).toMatchObject({ state: "full", sentBytes: 8 });
    upload.leaveRest();
    await upload.finished();
    expect(uploads.sizes).toEqual([8]);
  });

  test("more chunks do not make a refused upload knock again", async () => {
    uploads.fault = () => problem(413, "quota_reached");
    const source = new Recording("abcd");
    const { upload } = begin(source);
    await vi.waitFor(() => expect(upload.state.state).toBe("full"));
    source.add("efgh");
    upload.wake();
    expect(upload.state.state).toBe("full");
    uploads.fault = () => undefined;
    source.isWhole = true;
    upload.retry();
    await upload.finished();
    expect(uploads.received).toBe("abcdefgh");
  });

  test("a refused recording says why, and is tried again only when asked", async () => {
    uploads.completion = () =>
      uploads.sizes.length > 1 ? undefined : problem(422, "recording_without_picture");
    const { upload } = begin(Object.assign(new Recording("abc"), { isWhole: true }));
    await expect(upload.finished()).rejects.toMatchObject({ status: 422 });
    expect(upload.state.state).toBe("refused");
    upload.retry();
    await upload.finished();
  });

  test("a finished upload that was forgotten there is sent once more, as another", async () => {
    const { upload, begun } = begin(Object.assign(new Recording("abcde"), { isWhole: true }));
    await upload.finished();
    uploads.state = "open";
    uploads.parts.clear();
    upload.startOver();
    await upload.finished();
    expect(begun).toEqual(["upl_1", "upl_2"]);
    expect(uploads.received).toBe("abcde");
  });

  test("a take that is not wanted is forgotten there too", async () => {
    const { upload } = begin(new Recording("abcdefgh"));
    await vi.waitFor(() => expect(uploads.received).toBe("abcdefgh"));
    await upload.discard();
    expect(uploads.received).toBe("");
    await expect(upload.finished()).rejects.toThrow();
  });
});
