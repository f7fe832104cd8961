/** No page may have a violation that axe can find. */

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { keepPicture } from "./scene";

/** Run axe on `page` as it stands; `where` names it in the failure. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // A colour half-way through a transition is nobody's choice.
  await page.evaluate(async () => {
    const finite = document
      .getAnimations()
      .filter(
        (animation) => animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY,
      );
    await Promise.allSettled(finite.map((animation) => animation.finished));
  });
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `    ${node.target} ${node.failureSummary}`).join("\n")}`,
  );
  expect(found, `axe on ${where}`).toEqual([]);
}

/** Both colour schemes: axe, and a picture named after the place for people to look at. */
export async function inBothSchemes(page: Page, feature: string, where: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `${where}, ${colorScheme}`);
    const width = page.viewportSize()?.width;
    const place = where.replaceAll(" ", "-");
    await keepPicture(page, `${feature}-${place}-${colorScheme}-${width}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
}
