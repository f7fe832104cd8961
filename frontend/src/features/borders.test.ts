import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "..");

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The folder below `src` that a file belongs to; a feature counts by itself. */
function areaOf(path: string): string {
  const [area, feature] = relative(source, path).split("/");
  return area === "features" ? `features/${feature}` : (area ?? "");
}

const MAY_IMPORT: Record<string, RegExp> = {
  // Features never import each other, nor the app that puts them together.
  feature: /^(api|i18n|lib|player|ui|test)$/,
  ui: /^(i18n|lib)$/,
  lib: /^(api|i18n|test)$/,
  i18n: /^(lib)$/,
  player: /^$/,
  share: /^(player|test)$/,
};

test("imports point downward, and features stand alone", () => {
  const crossings: string[] = [];
  for (const path of files(source)) {
    const own = areaOf(path);
    const rule = MAY_IMPORT[own.startsWith("features/") ? "feature" : own];
    if (!rule) continue;
    for (const [, target = ""] of readFileSync(path, "utf8").matchAll(/from "(\.[^"]+)"/g)) {
      const area = areaOf(join(path, "..", target));
      if (area !== own && !rule.test(area)) crossings.push(`${relative(source, path)} → ${area}`);
    }
  }
  expect(crossings).toEqual([]);
});
