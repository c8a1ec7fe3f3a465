import { StorageError } from '../errors/storage-error.js';

/**
 * What happens when a store lacks a call that can be composed from others at a price: `never` refuses, `warn` (the default) does it
 * and says so once, `allow` does it silently.
 */
export type EmulationPolicy = 'never' | 'warn' | 'allow';

/** Applies a storage's policy to each thing that its store lacks. */
export class Emulation {
  readonly policy: EmulationPolicy;
  readonly #provider: string;
  readonly #warn: (message: string) => void;
  readonly #warned = new Set<string>();

  constructor(policy: EmulationPolicy, provider: string, warn: (message: string) => void) {
    this.policy = policy;
    this.#provider = provider;
    this.#warn = warn;
  }

  /**
   * Goes on when the policy allows it. `lacks` is what the store lacks, such as `copy call`; `instead` is what is done and what it
   * costs. Throws `unsupported` under `never`.
   */
  use(operation: string, lacks: string, instead: string): void {
    if (this.policy === 'allow') return;
    const fact = `${this.#provider} has no ${lacks}: ${operation}()`;
    if (this.policy === 'never') {
      const message = `${fact} is refused, since emulation is "never". With "warn" or "allow", ${instead}.`;
      throw new StorageError('unsupported', message, { provider: this.#provider, operation });
    }
    if (this.#warned.has(lacks)) return;
    this.#warned.add(lacks);
    this.#warn(
      `${fact} is emulated: ${instead}. Open the storage with emulate: 'allow' to accept this, or 'never' to refuse it.`,
    );
  }
}
