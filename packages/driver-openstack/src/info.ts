import { type CallContext, isStorageError } from '@stowage/core/spi';
import type { WireResponse } from '@stowage/http';
import type { SwiftWire } from './client.js';

type Section = Readonly<Record<string, unknown>>;

/** What a service says of itself. A section is there exactly when its middleware is. */
export type ServiceInfo = Readonly<Record<string, Section>>;

const NOTHING: ServiceInfo = {};

/**
 * Asks once what the service has and how much it takes: https://docs.openstack.org/api-ref/object-store/#list-activated-capabilities
 * Services that do not tell count as having the core only.
 */
export class Discovery {
  readonly #wire: SwiftWire;
  #info: Promise<ServiceInfo | undefined> | undefined;

  constructor(wire: SwiftWire) {
    this.#wire = wire;
  }

  /** Undefined where the service does not tell. */
  info(ctx: CallContext): Promise<ServiceInfo | undefined> {
    this.#info ??= this.#ask(ctx).catch((error: unknown) => {
      this.#info = undefined;
      throw error;
    });
    return this.#info;
  }

  /** `/info` of the host; behind a prefix such as `/swift/v1` it is below the prefix. No token goes with it. */
  async #ask(ctx: CallContext): Promise<ServiceInfo | undefined> {
    const { origin, path } = await this.#wire.storage(ctx);
    const prefix = path.replace(/\/v1(\.0)?(\/.*)?$/, '');
    for (const place of prefix === '' ? [''] : [prefix, '']) {
      const request = { method: 'GET', origin, path: `${place}/info`, headers: [], want: 'bytes' as const };
      const response = await this.#wire.transport.send(request, ctx).catch(ignoreRefusal);
      const info = response?.ok === true ? parseInfo(response) : undefined;
      if (info) return info;
    }
    return undefined;
  }
}

function ignoreRefusal(error: unknown): undefined {
  if (isStorageError(error) && !error.retryable && error.code !== 'aborted' && error.code !== 'closed')
    return undefined;
  throw error;
}

function parseInfo(response: WireResponse): ServiceInfo | undefined {
  try {
    const document: unknown = JSON.parse(response.bytes.toString());
    const isInfo = typeof document === 'object' && document !== null && 'swift' in document;
    return isInfo ? (document as ServiceInfo) : undefined;
  } catch {
    return undefined;
  }
}

/** A number of the service's own, or what it is where the service does not tell. */
export function limitOf(info: ServiceInfo | undefined, section: string, name: string, fallback: number): number {
  const value = (info ?? NOTHING)[section]?.[name];
  return typeof value === 'number' && value > 0 ? value : fallback;
}

export function digestsOf(
  info: ServiceInfo | undefined,
  section: 'tempurl' | 'formpost',
): readonly string[] | undefined {
  const value = info?.[section]?.['allowed_digests'];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
}
