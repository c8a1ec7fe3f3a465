import { afterAll, beforeAll, describe, it } from 'vitest';
import { within } from './asserts.js';
import { Workshop } from './bench.js';
import { type ConformanceCase, GROUPS } from './conformance-case.js';
import type { Harness } from './harness.js';
import { casesFor, runCase } from './run-conformance.js';

/** For servers that start with the tests. */
const START_MS = 120_000;
/** Deleting what a whole suite left on a server that is far. */
const CLEAN_UP_MS = 240_000;

/**
 * Declares the conformance suite of a driver as vitest tests: the rules that its groups and capabilities call for, and no others.
 * Rules that `deviations` names are expected to fail, and turn red when they pass.
 */
export function testDriver(harness: Harness): void {
  describe(harness.name, { concurrent: harness.concurrent ?? false }, async () => {
    const early = harness.shape ? undefined : new Workshop(await harness.create(), harness);
    const cases = await casesOrClose(harness, early);
    let workshop: Workshop | undefined;

    beforeAll(async () => {
      workshop = early ?? new Workshop(await harness.create(), harness);
      checkShape(cases, workshop);
    }, START_MS);

    // Whatever fails here, what `create` started must not outlive the tests.
    afterAll(async () => {
      try {
        if (workshop) await within(CLEAN_UP_MS, 'Clean-up: deleting the containers of the tests', workshop.cleanUp());
      } finally {
        await (workshop ? workshop.close() : harness.close?.());
      }
    }, CLEAN_UP_MS + 60_000);

    for (const group of GROUPS) {
      const rules = cases.filter((rule) => rule.group === group);
      if (rules.length > 0) describe(group, () => rules.forEach((rule) => declare(rule, harness, () => workshop)));
    }
  });
}

/** The rules for the driver that was made early, or for the shape of the one to come. A driver that gets no tests is closed at once. */
async function casesOrClose(harness: Harness, early: Workshop | undefined): Promise<readonly ConformanceCase[]> {
  try {
    return casesFor(early?.driver ?? (harness.shape as NonNullable<Harness['shape']>)(), harness);
  } catch (error) {
    await early?.close();
    throw error;
  }
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
