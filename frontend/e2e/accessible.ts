/** No page may have a violation that axe can find. */

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { keepPicture } from "./scene";

/** All of axe's rules that a colour scheme can change. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/** Run axe on `page` as it stands, all rules or these; `where` names it in the failure. */
export async function expectAccessible(page: Page, where: string, rules?: string[]): Promise<void> {
  // A colour half-way through a transition is nobody's choice.
  await page.evaluate(async () => {
    const finite = document
      .getAnimations()
      .filter(
        (animation) => animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY,
      );
    await Promise.allSettled(finite.map((animation) => animation.finished));
  });
  // Its usual mode opens another page each time, for frames of other origins: there are none.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `    ${node.target} ${node.failureSummary}`).join("\n")}`,
  );
  expect(found, `axe on ${where}`).toEqual([]);
}

/**
 * Both colour schemes: axe, and a picture named after the place for people to look at. In the dark
 * one only what its colours can break is looked for.
 */
export async function inBothSchemes(page: Page, feature: string, where: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const rules = colorScheme === "dark" ? COLOURS : undefined;
    await expectAccessible(page, `${where}, ${colorScheme}`, rules);
    const width = page.viewportSize()?.width;
    const place = where.replaceAll(" ", "-");
    await keepPicture(page, `${feature}-${place}-${colorScheme}-${width}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
}
