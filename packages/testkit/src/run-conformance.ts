import type { StorageDriver } from '@stowage/core/spi';
import { within } from './asserts.js';
import { Bench, Workshop } from './bench.js';
import { conformanceCases } from './cases/index.js';
import type { ConformanceCase } from './conformance-case.js';
import type { Harness } from './harness.js';

/** What became of one rule. */
export interface CaseResult {
  readonly id: string;
  readonly title: string;
  /** `deviates`: it fails, and the harness says why. `healed`: it passes although the harness calls it a deviation. */
  readonly outcome: 'passed' | 'failed' | 'deviates' | 'healed';
  readonly error?: Error | undefined;
  /** Why it deviates. */
  readonly reason?: string | undefined;
}

export interface ConformanceResults {
  readonly results: readonly CaseResult[];
  /** True when nothing failed and nothing healed. */
  readonly ok: boolean;
}

/** Picks the rules that apply to a driver. Throws when the harness names a deviation that is none of them. */
export function casesFor(driver: StorageDriver, harness: Harness): readonly ConformanceCase[] {
  const cases = conformanceCases.filter((rule) => rule.applies(driver, harness));
  const ids = new Set(cases.map(({ id }) => id));
  const unknown = Object.keys(harness.deviations ?? {}).filter((id) => !ids.has(id));
  if (unknown.length > 0) {
    throw new Error(`No rule for ${harness.name} is called ${unknown.join(', ')}; mend "deviations" in its harness.`);
  }
  return cases;
}

/** Runs one rule; rejects when the driver breaks it. */
export async function runCase(workshop: Workshop, rule: ConformanceCase): Promise<void> {
  const bench = await Bench.open(workshop, rule.id);
  const timeoutMs = workshop.harness.timeoutMs ?? 30_000;
  try {
    await within(timeoutMs, `"${rule.id}"`, rule.run(bench));
  } catch (error) {
    throw bench.calls.explain(error);
  }
}

/** Runs the whole suite, or the rules of `only`, without any test framework. */
export async function runConformance(
  harness: Harness,
  options: { readonly only?: ((rule: ConformanceCase) => boolean) | undefined } = {},
): Promise<ConformanceResults> {
  const workshop = new Workshop(await harness.create(), harness);
  const results: CaseResult[] = [];
  try {
    for (const rule of casesFor(workshop.driver, harness)) {
      if (options.only && !options.only(rule)) continue;
      results.push(await judge(workshop, rule));
    }
    results.push(...(await cleanUp(workshop)));
  } finally {
    await workshop.close();
  }
  return { results, ok: results.every(({ outcome }) => outcome === 'passed' || outcome === 'deviates') };
}

/** A driver that cannot delete what it stored is a broken one. */
async function cleanUp(workshop: Workshop): Promise<readonly CaseResult[]> {
  try {
    await workshop.cleanUp();
    return [];
  } catch (error) {
    const title = 'deletes every container that the tests made';
    return [{ id: 'containers/clean-up', title, outcome: 'failed', error: error as Error }];
  }
}

async function judge(workshop: Workshop, rule: ConformanceCase): Promise<CaseResult> {
  const { id, title } = rule;
  const { deviations = {} } = workshop.harness;
  const reason = Object.hasOwn(deviations, id) ? deviations[id] : undefined;
  try {
    await runCase(workshop, rule);
    return { id, title, reason, outcome: reason === undefined ? 'passed' : 'healed' };
  } catch (error) {
    return { id, title, reason, outcome: reason === undefined ? 'failed' : 'deviates', error: error as Error };
  }
}
