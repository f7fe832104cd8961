import { describe, expect, test } from "vitest";
import type { Upload } from "../../lib/api";
import { contentOf, type Outgoing } from "./sendTake";

const upload: Upload = {
  id: "upl_1",
  kind: "video",
  state: "complete",
  filename: "recording.webm",
  size_bytes: 1000,
  part_size_bytes: 1_048_576,
  parts: [],
  photo: null,
  audio: null,
  video: {
    duration_s: 10.3,
    width_px: 720,
    height_px: 1280,
    has_audio: true,
    stream_type: "video/webm",
  },
  content_url: "/api/v1/uploads/upl_1/content",
  expires_at: "2026-01-01T00:00:00Z",
};
const NO_MUSIC = { music_upload_id: null, music_track: null };
const outgoing: Outgoing = {
  content: { title: " Hello ", script: "", language: "en", voice: null, ...NO_MUSIC },
  trim: { startS: 0, endS: 10 },
  durationS: 10,
  captions: null,
};

describe("contentOf", () => {
  test("an untouched recording is sent whole, however long the server measures it", () => {
    expect(contentOf(outgoing, upload)).toEqual({
      kind: "recording",
      title: "Hello",
      script: "",
      language: "en",
      voice: null,
      ...NO_MUSIC,
      recording_upload_id: "upl_1",
      aspect: "9:16",
      trim_start_s: 0,
      trim_end_s: null,
    });
  });

  test("a cut start leaves the end alone, and the other way round", () => {
    const start = contentOf({ ...outgoing, trim: { startS: 2, endS: 10 } }, upload);
    expect(start).toMatchObject({ trim_start_s: 2, trim_end_s: null });
    const end = contentOf({ ...outgoing, trim: { startS: 0, endS: 8 } }, upload);
    expect(end).toMatchObject({ trim_start_s: 0, trim_end_s: 8 });
  });
});
