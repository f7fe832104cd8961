/** Runs Lighthouse, of a pinned version and in the browser of the tests, and reads its report. */

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findChromium, QUIET } from "../e2e/chromium";
import { seconds, table } from "./tables";

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

/** Measure one page as a phone sees it; with `headers` as somebody who is signed in. */
export async function lighthouse(
  url: string,
  headers: Record<string, string> = {},
): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "video-message-lighthouse-"));
  const path = join(folder, "report.json");
  const flags = [
    `--chrome-flags=${["--headless=new", ...QUIET].join(" ")}`,
    `--only-categories=${CATEGORIES.join(",")}`,
    `--extra-headers=${JSON.stringify(headers)}`,
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

/** One row a run. */
export function lighthouseTable(runs: Report[]): string {
  const head = ["run", "performance", "accessibility", "best practices"];
  const measures = ["first paint", "largest paint", "blocked", "layout shift"];
  const rows = runs.map(({ scores, firstPaintMs, largestPaintMs, blockingMs, shift }, index) => [
    index + 1,
    ...scores,
    seconds(firstPaintMs),
    seconds(largestPaintMs),
    `${Math.round(blockingMs)} ms`,
    shift.toFixed(3),
  ]);
  return table([...head, ...measures], rows);
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
