import { randomBytes } from 'node:crypto';
import type { DriverHost } from './context.js';

/** Lends the machine's clock, random bytes and warnings; what `overrides` names is used instead. */
export function createHost(overrides: Partial<DriverHost> = {}): DriverHost {
  return {
    nowMs: () => Date.now(),
    randomBytes: (size) => randomBytes(size),
    warn: (message) => process.emitWarning(message, 'StowageWarning'),
    network: { caCertsPath: [], verifyTls: true },
    ...overrides,
  };
}
