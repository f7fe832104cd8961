/** Stands in for all browser tests where there is no browser, and says so. */

import { test } from "@playwright/test";

test.skip("Browser tests need Chromium: install it, or set CHROMIUM=/path/to/chromium", () => {});
