import { afterAll, beforeAll, describe, it } from 'vitest';
import { Workshop } from './bench.js';
import { type ConformanceCase, GROUPS } from './conformance-case.js';
import type { Harness } from './harness.js';
import { casesFor, runCase } from './run-conformance.js';

/**
 * Declares the conformance suite of a driver as vitest tests: the rules that its groups and capabilities call for, and no others.
 * Rules that `deviations` names are expected to fail, and turn red when they pass.
 */
export function testDriver(harness: Harness): void {
  describe(harness.name, { concurrent: harness.concurrent ?? false }, async () => {
    const early = harness.shape ? undefined : await harness.create();
    const cases = casesFor(early ?? (harness.shape as () => NonNullable<typeof early>)(), harness);
    let workshop: Workshop | undefined;

    beforeAll(async () => {
      workshop = new Workshop(early ?? (await harness.create()), harness);
      checkShape(cases, workshop);
    });

    afterAll(async () => {
      await workshop?.cleanUp();
      await workshop?.driver.close?.();
      await harness.close?.();
    }, 300_000);

    for (const group of GROUPS) {
      const rules = cases.filter((rule) => rule.group === group);
      if (rules.length > 0) describe(group, () => rules.forEach((rule) => declare(rule, harness, () => workshop)));
    }
  });
}

/** The rules must be those of the driver that is tested, not only of its shape. */
function checkShape(cases: readonly ConformanceCase[], { driver, harness }: Workshop): void {
  const ids = (rules: readonly ConformanceCase[]): string => rules.map(({ id }) => id).join();
  if (ids(casesFor(driver, harness)) === ids(cases)) return;
  throw new Error(`"shape" of ${harness.name} makes a driver with other groups or capabilities than "create".`);
}

function declare(rule: ConformanceCase, harness: Harness, workshop: () => Workshop | undefined): void {
  const { deviations = {}, timeoutMs = 30_000 } = harness;
  const reason = Object.hasOwn(deviations, rule.id) ? deviations[rule.id] : undefined;
  const title = `${rule.title} (${rule.id})`;
  const run = async (): Promise<void> => {
    const open = workshop();
    if (!open) throw new Error('The driver was not made.');
    await runCase(open, rule);
  };
  // One second more than the rule's own limit, which names the rule.
  if (reason === undefined) it(title, { timeout: timeoutMs + 1_000 }, run);
  else it.fails(`${title}; differs: ${reason}`, { timeout: timeoutMs + 1_000 }, run);
}
