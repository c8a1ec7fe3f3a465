import type { ConformanceCase } from '../conformance-case.js';
import { containerCases } from './containers.js';
import { listCases } from './list.js';
import { readCases } from './read.js';
import { writeCases } from './write.js';

/** Every rule of the contract, as data. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...containerCases,
  ...readCases,
  ...writeCases,
  ...listCases,
];
