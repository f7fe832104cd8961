import { HttpResponse, http } from "msw";
import { describe, expect, test } from "vitest";
import { server } from "../test/setup";
import { bars, drawWaveform } from "./waveform";

describe("the waveform", () => {
  test("has a bar for each peak, mirrored about the middle", () => {
    const svg = bars([1, 0.5, 0]);
    expect(svg.getAttribute("viewBox")).toBe("0 0 3 24");
    expect(svg.querySelector("path")?.getAttribute("d")).toBe(
      "M0.15 0h.7v24h-.7zM1.15 6h.7v12h-.7zM2.15 11.5h.7v1h-.7z",
    );
  });

  test("nonsense among the peaks is silence", () => {
    expect(bars([Number.NaN]).querySelector("path")?.getAttribute("d")).toBe(
      "M0.15 11.5h.7v1h-.7z",
    );
  });

  test.each([
    ["is drawn where it is", () => HttpResponse.json({ peaks: [0.2, 0.4] }), 1],
    ["is left out where it is not", () => new HttpResponse(null, { status: 404 }), 0],
    ["is left out where the network is", () => HttpResponse.error(), 0],
    ["is left out where it is something else", () => HttpResponse.json([]), 0],
  ])("%s", async (_name, answer, drawn) => {
    server.use(http.get("*/s/token/waveform.json", answer));
    const place = document.createElement("div");
    await drawWaveform(place, "http://localhost/s/token/waveform.json");
    expect(place.querySelectorAll("svg")).toHaveLength(drawn);
  });
});
