/** Runs Lighthouse, of a pinned version and in the browser of the tests, and reads its report. */

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findChromium, QUIET } from "../e2e/chromium";

/** The last one that runs on Node 20. */
const LIGHTHOUSE = "lighthouse@12.8.2";
const CATEGORIES = ["performance", "accessibility", "best-practices"] as const;

export interface Report {
  /** 0..100, in the order performance, accessibility, best practices. */
  scores: number[];
  /** Milliseconds on Lighthouse's own slow phone. */
  firstPaintMs: number;
  largestPaintMs: number;
  blockingMs: number;
  /** Cumulative layout shift; 0 is none. */
  shift: number;
}

/** Measure one page as a phone sees it. */
export async function lighthouse(url: string): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "video-message-lighthouse-"));
  const path = join(folder, "report.json");
  const flags = [
    `--chrome-flags=${["--headless=new", ...QUIET].join(" ")}`,
    `--only-categories=${CATEGORIES.join(",")}`,
    ...["--output=json", `--output-path=${path}`, "--quiet"],
  ];
  try {
    await promisify(execFile)("npx", ["--yes", LIGHTHOUSE, url, ...flags], {
      env: { ...process.env, CHROME_PATH: findChromium() ?? "" },
    });
    return read(readFileSync(path, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Written {
  categories: Record<string, { score: number | null }>;
  audits: Record<string, { numericValue?: number }>;
}

function read(json: string): Report {
  const { categories, audits } = JSON.parse(json) as Written;
  const value = (name: string): number => audits[name]?.numericValue ?? Number.NaN;
  return {
    scores: CATEGORIES.map((name) => Math.round((categories[name]?.score ?? 0) * 100)),
    firstPaintMs: value("first-contentful-paint"),
    largestPaintMs: value("largest-contentful-paint"),
    blockingMs: value("total-blocking-time"),
    shift: value("cumulative-layout-shift"),
  };
}
