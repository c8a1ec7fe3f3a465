import type { StorageDriver } from '@stowage/core/spi';
import { shown } from './asserts.js';
import { wrapCalls } from './observe.js';

const KEPT_CALLS = 6;

/** The last calls that reached a driver, for the message of a rule that fails: an error seldom says which call it came from. */
export class CallLog {
  readonly #calls: string[] = [];

  /** A driver like this one, whose calls are kept. */
  watch(driver: StorageDriver): StorageDriver {
    return wrapCalls(driver, (name, call, args) => {
      if (this.#calls.length === KEPT_CALLS) this.#calls.shift();
      this.#calls.push([name, ...args.flatMap(describe)].join(' '));
      return call();
    });
  }

  /** Writes the calls behind the message of what a rule failed with. */
  explain(error: unknown): unknown {
    if (error instanceof Error && this.#calls.length > 0 && Object.isExtensible(error)) {
      error.message += `\n(last calls of the driver: ${this.#calls.join('; ')})`;
    }
    return error;
  }
}

/** Keys and names as they are; of a request only what it asks for, since a value may be long, or a secret. */
function describe(arg: unknown): readonly string[] {
  if (typeof arg === 'string') return [shown(arg)];
  if (typeof arg !== 'object' || arg === null || 'attempt' in arg || 'open' in arg) return [];
  if ('ref' in arg) return describe(arg.ref);
  if ('key' in arg) return [shown(arg.key)];
  const fields = Object.entries(arg).filter(([, value]) => value !== undefined);
  return fields.length === 0 || Array.isArray(arg) ? [] : [`{ ${fields.map(([name]) => name).join(', ')} }`];
}
