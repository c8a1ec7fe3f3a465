import type { ConformanceCase } from '../conformance-case.js';
import { abortCases } from './abort.js';
import { bulkDeleteCases } from './bulk-delete.js';
import { concurrencyCases } from './concurrency.js';
import { conditionCases } from './conditions.js';
import { containerCases } from './containers.js';
import { copyCases } from './copy.js';
import { errorCases } from './errors.js';
import { faultCases } from './faults.js';
import { keyCases } from './keys.js';
import { listCases } from './list.js';
import { metadataCases } from './metadata.js';
import { partsCases } from './parts.js';
import { publicAccessCases } from './public-access.js';
import { readCases } from './read.js';
import { undeclaredCases } from './undeclared.js';
import { urlCases } from './urls.js';
import { versionCases } from './versions.js';
import { writeCases } from './write.js';

/** Every rule of the contract, as data. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...containerCases,
  ...readCases,
  ...writeCases,
  ...listCases,
  ...keyCases,
  ...metadataCases,
  ...conditionCases,
  ...partsCases,
  ...copyCases,
  ...bulkDeleteCases,
  ...urlCases,
  ...versionCases,
  ...publicAccessCases,
  ...undeclaredCases,
  ...errorCases,
  ...abortCases,
  ...concurrencyCases,
  ...faultCases,
];
