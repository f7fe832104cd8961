/** `npm run bench`: measures the recipient's page in the real browser, on the product's own stack. */

import { join } from "node:path";
import { defineConfig } from "@playwright/test";
import { findChromium } from "../e2e/chromium";
import tests from "../playwright.config";

const here = import.meta.dirname;
const hasBrowser = findChromium() !== null;
if (!hasBrowser) console.log("The pages are not measured: no Chromium was found.");

// In truth the server is another computer: here it yields to the browser.
process.env.E2E_NICENESS = "15";

export default defineConfig({
  ...tests,
  testDir: here,
  outputDir: join(here, "../test-results"),
  // Nothing here can fail but the product itself; where a bar is missed, the figures are printed.
  timeout: 600_000,
  projects: [{ name: "bench", testMatch: hasBrowser ? "*.bench.ts" : [] }],
  ...(hasBrowser ? { globalSetup: join(here, "../e2e/stack.ts") } : {}),
  reporter: [[join(here, "tables.ts")]],
});
