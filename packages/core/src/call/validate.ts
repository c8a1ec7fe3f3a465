import { StorageError } from '../errors/storage-error.js';
import type { Capabilities, MoveCapabilities } from '../spi/capabilities.js';
import type { UserMetadata } from '../spi/records.js';
import type { PutAttributes, ReadConditions, WriteConditions } from '../spi/requests.js';
import { ATTRIBUTE_CHECKS, READ_CONDITION_CHECKS, WRITE_CONDITION_CHECKS } from './option-checks.js';

/** UTF-8 takes at most three bytes for each UTF-16 unit. */
const MOST_BYTES_PER_UNIT = 3;

/** Checks requests against what one driver can do, before anything is sent. */
export class Validator {
  readonly #capabilities: Capabilities;
  readonly #provider: string;

  constructor(capabilities: Capabilities, provider: string) {
    this.#capabilities = capabilities;
    this.#provider = provider;
  }

  /** Throws `invalid-argument` unless the store can hold the key. */
  key(key: unknown): asserts key is string {
    const { keys } = this.#capabilities;
    const { maxBytes } = keys;
    checkText(key, 'A key');
    if (key.length * MOST_BYTES_PER_UNIT > maxBytes) {
      const bytes = Buffer.byteLength(key);
      if (bytes > maxBytes)
        throw this.#refused('key', key, `it has ${bytes} bytes in UTF-8, and at most ${maxBytes} are taken`);
    }
    const reason = keys.refuse?.(key);
    if (reason !== undefined) throw this.#refused('key', key, reason);
  }

  /** Throws `invalid-argument` unless the store can have a container of this name. */
  container(name: unknown): asserts name is string {
    checkText(name, 'A container name');
    const reason = this.#capabilities.containers.refuse?.(name);
    if (reason !== undefined) throw this.#refused('container', name, reason);
  }

  /** Throws `unsupported` for a condition that the store cannot check while it reads. */
  read(
    call: string,
    options: ReadConditions & { readonly range?: { readonly suffix?: number | undefined } | undefined },
  ): void {
    this.#supported(call, options, READ_CONDITION_CHECKS, this.#capabilities.read.conditions);
    if (options.range !== undefined && !this.#capabilities.read.ranges) throw this.#unsupported(call, 'range');
  }

  /** Throws `unsupported` for attributes and conditions of a put that the store does not have. */
  put(call: string, options: PutAttributes & WriteConditions): void {
    const { attributes, conditions } = this.#capabilities.put;
    this.attributes(call, options, attributes);
    this.#supported(call, options, WRITE_CONDITION_CHECKS, conditions);
  }

  /** As `put`, for an upload in parts; needs the group. */
  parts(call: string, options: WriteConditions): void {
    this.#supported(call, options, WRITE_CONDITION_CHECKS, this.#capabilities.parts?.conditions ?? []);
  }

  /** Throws `unsupported` for attributes that the store does not have, and `invalid-argument` for metadata that it cannot hold. */
  attributes(
    call: string,
    options: PutAttributes,
    attributes: readonly string[] = this.#capabilities.put.attributes,
  ): void {
    this.#supported(call, options, ATTRIBUTE_CHECKS, attributes);
    if (options.metadata !== undefined) this.#metadata(call, options.metadata);
  }

  /** Throws `unsupported` for what a copy cannot honour: inside the store by `facts`, through the client by what a put can. */
  copy(
    call: string,
    options: WriteConditions & {
      readonly sourceIfMatch?: string | undefined;
      readonly attributes?: PutAttributes | undefined;
    },
    facts: MoveCapabilities | undefined,
  ): void {
    const { put } = this.#capabilities;
    const conditions = facts?.conditions ?? [...put.conditions, 'sourceIfMatch'];
    this.#supported(call, options, { ...WRITE_CONDITION_CHECKS, sourceIfMatch: true }, conditions);
    if (options.attributes) this.attributes(call, options.attributes, facts?.attributes ?? put.attributes);
  }

  /** Throws `unsupported` unless the store can make a delete depend on the object's version. */
  delete(call: string, options: { readonly ifMatch?: string | undefined }): void {
    this.#supported(call, options, { ifMatch: true }, this.#capabilities.delete.conditions);
  }

  /** Throws `unsupported` for names of `options`, out of those of `table`, that are not among `can`. */
  #supported(call: string, options: object, table: object, can: readonly string[]): void {
    for (const name in options) {
      if (!Object.hasOwn(table, name) || can.includes(name)) continue;
      if ((options as Record<string, unknown>)[name] !== undefined) throw this.#unsupported(call, name);
    }
  }

  #unsupported(call: string, option: string): StorageError {
    const message = `${this.#provider} cannot honour the option "${option}" of ${call}(); remove it, or use another provider.`;
    return new StorageError('unsupported', message, { provider: this.#provider });
  }

  #refused(what: 'key' | 'container', name: string, reason: string): StorageError {
    const message = `${this.#provider} cannot have the ${what} ${JSON.stringify(name)}: ${reason}.`;
    return new StorageError('invalid-argument', message, { provider: this.#provider, [what]: name });
  }

  #badMetadata(reason: string): StorageError {
    const message = `${this.#provider} cannot keep these metadata: ${reason}.`;
    return new StorageError('invalid-argument', message, { provider: this.#provider });
  }

  #metadata(call: string, metadata: UserMetadata): void {
    const { names, maxBytes } = this.#capabilities.metadata;
    const entries = Object.entries(metadata);
    if (entries.length === 0) return;
    if (names === 'none') throw this.#unsupported(call, 'metadata');
    for (const [name] of entries) {
      const reason = this.#capabilities.metadata.refuse?.(name);
      if (reason !== undefined) throw this.#badMetadata(`the name ${JSON.stringify(name)} is refused: ${reason}`);
    }
    const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
    if (bytes > maxBytes) {
      throw this.#badMetadata(`they have ${bytes} bytes, and at most ${maxBytes} are taken`);
    }
    if (names !== 'lower-case') return;
    const seen = new Set<string>();
    for (const [name] of entries) {
      const lower = name.toLowerCase();
      if (seen.has(lower)) {
        throw this.#badMetadata(`names are kept in lower case, and "${lower}" is given twice`);
      }
      seen.add(lower);
    }
  }
}

function checkText(value: unknown, what: string): asserts value is string {
  const wrong =
    typeof value !== 'string'
      ? 'must be a string'
      : value === ''
        ? 'must not be empty'
        : !value.isWellFormed()
          ? 'must be well-formed Unicode, and this one holds half a character'
          : undefined;
  if (wrong !== undefined) throw new StorageError('invalid-argument', `${what} ${wrong}.`);
}
