/**
 * Browser tests: the real processes, a real Chromium, a fake microphone that plays a spoken file.
 *
 * `e2e/stack.ts` starts everything on free ports and in a folder of its own, and stops it again.
 */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig, devices } from "@playwright/test";
import { chromiumArguments, findChromium } from "./e2e/chromium";

const chromium = findChromium();
if (!chromium && process.env.CI) {
  throw new Error("CI runs the browser tests, but no Chromium was found. Set CHROMIUM=/path.");
}
// Set by the first process; the workers read this file again and inherit it.
if (chromium) process.env.E2E_FOLDER ??= mkdtempSync(join(tmpdir(), "video-message-e2e-"));
const microphone = join(process.env.E2E_FOLDER ?? "", "microphone.wav");
const camera = join(process.env.E2E_FOLDER ?? "", "camera.y4m");

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 2,
  // A test at a time to whoever is free: a file of many would be the last, alone.
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  ...(chromium ? { globalSetup: "./e2e/stack.ts" } : {}),
  projects: chromium
    ? [{ name: "chromium", testMatch: "*.spec.ts" }]
    : [{ name: "without a browser", testMatch: "no-browser.ts" }],
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1280, height: 800 },
    locale: "en-US",
    actionTimeout: 15_000,
    // A trace films every page all the time, which takes as long as the tests themselves.
    trace: process.env.TRACE ? "retain-on-failure" : "off",
    launchOptions: {
      ...(chromium ? { executablePath: chromium } : {}),
      args: chromiumArguments(microphone, camera),
    },
  },
});
