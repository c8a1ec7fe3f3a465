import type { StorageDriver } from '@stowage/core/spi';
import type { Bench } from './bench.js';
import type { Harness } from './harness.js';

/** Groups in the order in which they are reported. */
export const GROUPS = [
  'containers',
  'read',
  'write',
  'list',
  'keys',
  'metadata',
  'conditions',
  'parts',
  'copy',
  'bulk-delete',
  'urls',
  'versions',
  'public-access',
  'undeclared',
  'errors',
  'abort',
  'concurrency',
  'faults',
] as const;

export type Group = (typeof GROUPS)[number];

/** One rule of the contract. */
export interface ConformanceCase {
  /** `<group>/<name>`: the same in every release, since deviations name it. */
  readonly id: string;
  readonly group: Group;
  /** States the behaviour. */
  readonly title: string;
  /** False for drivers that the rule says nothing about. */
  readonly applies: Applies;
  /** Rejects when the driver breaks the rule. */
  readonly run: Run;
}

type Run = (bench: Bench) => Promise<void>;

export type Applies = (driver: StorageDriver, harness: Harness) => boolean;

/** Declares a rule: for every driver, or for those that it applies to. */
interface Declare {
  (name: string, title: string, run: Run): void;
  (name: string, title: string, applies: Applies, run: Run): void;
}

/** Collects the rules of one group. */
export function casesOf(group: Group, declare: (rule: Declare) => void): readonly ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  declare((name: string, title: string, ...rest: readonly [Run] | readonly [Applies, Run]) => {
    const [applies, run] = rest.length === 1 ? [always, rest[0]] : rest;
    cases.push({ id: `${group}/${name}`, group, title, applies, run });
  });
  return cases;
}

const always: Applies = () => true;
