import { describe, expect, test } from "vitest";
import { cropOf, type PhotoFacts, reframed, withCrop } from "./crops";

const crop = { left: 0.1, top: 0, width: 0.5, height: 0.8, focus_x: 0.5, focus_y: 0.44 };
const facts = {
  frames: {
    "16:9": { is_soft: false, crop },
    "1:1": { is_soft: false, crop: { ...crop, width: 0.3 } },
    "9:16": { is_soft: false, crop: null },
  },
} as unknown as PhotoFacts;

describe("what is seen of photos", () => {
  test("is set for one of them, and taken back", () => {
    const crops = withCrop(withCrop([], "upl_a", crop), "upl_b", crop);
    expect(cropOf(crops, "upl_a")?.width).toBe(0.5);
    expect(withCrop(crops, "upl_a", { ...crop, width: 0.2 })).toHaveLength(2);
    expect(withCrop(crops, "upl_a", null).map(({ upload_id }) => upload_id)).toEqual(["upl_b"]);
  });

  test("is framed anew in another format, or whole where nothing is offered there", () => {
    const crops = withCrop([], "upl_a", crop);
    expect(reframed(crops, "1:1", () => facts)).toEqual([
      { ...crop, width: 0.3, upload_id: "upl_a" },
    ]);
    expect(reframed(crops, "9:16", () => facts)).toEqual([]);
    expect(reframed(crops, "1:1", () => undefined)).toEqual([]);
  });
});
