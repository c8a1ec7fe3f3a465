import { randomBytes } from 'node:crypto';
import type { DriverHost } from './context.js';

/** Lends the machine's clock, random bytes and warnings; what `overrides` names is used instead. */
export function createHost(overrides: Partial<DriverHost> = {}): DriverHost {
  return {
    nowMs: () => Date.now(),
    randomBytes: takeRandom,
    warn: (message) => process.emitWarning(message, 'StowageWarning'),
    network: { caCertsPath: [], verifyTls: true },
    ...overrides,
  };
}

/** Asking the system for a few bytes costs as much as for many: they are taken from a stock, and none twice. */
const STOCK_BYTES = 4096;
const MAX_TAKEN_BYTES = 64;
let stock: Buffer = Buffer.alloc(0);

function takeRandom(size: number): Buffer {
  if (size > MAX_TAKEN_BYTES) return randomBytes(size);
  if (stock.length < size) stock = randomBytes(STOCK_BYTES);
  const taken = stock.subarray(0, size);
  stock = stock.subarray(size);
  return taken;
}
