/** No page may have a violation that axe can find. */

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

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
