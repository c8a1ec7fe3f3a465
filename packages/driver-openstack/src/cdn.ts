import { type CallContext, type CdnGroup, isStorageError, StorageError } from '@stowage/core/spi';
import { escapePath, escapeUri, queryString, type WireResponse } from '@stowage/http';
import { parseRows } from './listing.js';
import { type CdnCall, containerCall, containerPath, objectPath, utf8Header } from './requests.js';
import { refuse } from './options.js';
import type { SwiftService } from './swift-service.js';

/** Where the CDN publishes a container. */
export interface CdnContainer {
  readonly name: string;
  readonly enabled: boolean;
  /** Seconds that copies live at the edge. */
  readonly ttlSeconds: number | undefined;
  readonly logRetention: boolean;
  readonly uris: Readonly<Partial<Record<CdnScheme, string>>>;
}

export type CdnScheme = 'http' | 'https' | 'streaming' | 'ios';

const URI_HEADERS: Readonly<Record<CdnScheme, string>> = {
  http: 'x-cdn-uri',
  https: 'x-cdn-ssl-uri',
  streaming: 'x-cdn-streaming-uri',
  ios: 'x-cdn-ios-uri',
};
/** 15 minutes to a year. */
const TTL_SECONDS = { least: 900, most: 31_536_000 };
/** Addresses hardly change: how long one is believed. */
const BELIEVED_MS = 10 * 60 * 1000;

/** https://docs-ospc.rackspace.com/cloud-files/v1/cdn-api-reference: all requests go to the host of the CDN management. */
export class CloudFilesCdn implements CdnGroup {
  readonly #service: SwiftService;
  readonly #scheme: CdnScheme;
  readonly #known = new Map<string, { readonly uri: string; readonly untilMs: number }>();

  constructor(service: SwiftService) {
    this.#service = service;
    this.#scheme = (service.options.cdnScheme ?? 'https') as CdnScheme;
  }

  async containerUrl(container: string, ctx: CallContext): Promise<string> {
    const known = this.#known.get(container);
    const nowMs = this.#service.wire.host.nowMs();
    if (known && nowMs < known.untilMs) return known.uri;
    const found = await this.container(container, ctx);
    const uri = found?.enabled === true ? found.uris[this.#scheme] : undefined;
    if (uri === undefined) throw notPublished(container, found, this.#scheme);
    this.#known.set(container, { uri, untilMs: nowMs + BELIEVED_MS });
    return uri;
  }

  async objectUrl(ref: { readonly container: string; readonly key: string }, ctx: CallContext): Promise<string> {
    return `${(await this.containerUrl(ref.container, ctx)).replace(/\/+$/, '')}/${escapePath(ref.key)}`;
  }

  /** 201 the first time, 202 or 204 later. */
  async enableContainer(
    container: string,
    {
      ttlSeconds,
      logRetention,
    }: { readonly ttlSeconds?: number | undefined; readonly logRetention?: boolean | undefined },
    ctx: CallContext,
  ): Promise<void> {
    const headers = ['x-cdn-enabled', 'True', ...ttlHeaders(ttlSeconds)];
    if (logRetention !== undefined) headers.push('x-log-retention', logRetention ? 'True' : 'False');
    // The CDN publishes names, whether or not there is such a container.
    await this.#service.wire.send(containerCall('HEAD', container), ctx);
    await this.#service.wire.sendCdn(cdnCall('PUT', containerPath(container), headers), ctx);
    this.#known.delete(container);
  }

  /** Copies at the edge live on until their time is over. */
  async disableContainer(container: string, ctx: CallContext): Promise<void> {
    this.#known.delete(container);
    await this.#service.wire.sendCdn(cdnCall('POST', containerPath(container), ['x-cdn-enabled', 'False']), ctx);
  }

  async purge(
    {
      container,
      key,
      email,
    }: { readonly container: string; readonly key?: string | undefined; readonly email?: string | undefined },
    ctx: CallContext,
  ): Promise<void> {
    if (key === undefined) {
      const message =
        'Cloud Files purges single objects only; a whole container is purged by a ticket to the support of Rackspace.';
      throw new StorageError('unsupported', message, { requestSent: false });
    }
    const headers = email === undefined ? [] : ['x-purge-email', utf8Header(email)];
    await this.#service.wire.sendCdn(cdnCall('DELETE', objectPath({ container, key }), headers), ctx);
  }

  /** What the CDN knows of a container; undefined when it was never published. Throws `container-not-found`. */
  async container(container: string, ctx: CallContext): Promise<CdnContainer | undefined> {
    try {
      return readCdnContainer(
        container,
        await this.#service.wire.sendCdn(cdnCall('HEAD', containerPath(container)), ctx),
      );
    } catch (error) {
      if (!isStorageError(error, 'container-not-found')) throw error;
      await this.#service.wire.send(containerCall('HEAD', container), ctx);
      return undefined;
    }
  }

  /** All containers that were ever published. */
  async containers(
    { enabledOnly = false }: { readonly enabledOnly?: boolean },
    ctx: CallContext,
  ): Promise<readonly CdnContainer[]> {
    const found: CdnContainer[] = [];
    for (let marker: string | undefined; ;) {
      const query = queryString('format', 'json', 'marker', marker, 'enabled_only', enabledOnly ? 'true' : undefined);
      const rows = parseRows(await this.#service.wire.sendCdn(cdnCall('GET', query), ctx)) as readonly CdnRow[];
      found.push(...rows.map(toCdnContainer));
      const last = rows.at(-1)?.name;
      if (last === undefined || last === marker) return found;
      marker = last;
    }
  }
}

function cdnCall(method: CdnCall['method'], path: string, headers: string[] = []): CdnCall {
  return { method, path, headers, want: 'bytes', notFound: 'container-not-found', isCdn: true };
}

function ttlHeaders(ttlSeconds: number | undefined): readonly string[] {
  if (ttlSeconds === undefined) return [];
  const { least, most } = TTL_SECONDS;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < least || ttlSeconds > most)
    return refuse(
      `"ttlSeconds" must be a whole number from ${String(least)} to ${String(most)}, not ${String(ttlSeconds)}.`,
    );
  return ['x-ttl', String(ttlSeconds)];
}

function readCdnContainer(name: string, response: WireResponse): CdnContainer {
  const uris: Partial<Record<CdnScheme, string>> = {};
  for (const [scheme, header] of Object.entries(URI_HEADERS) as [CdnScheme, string][]) {
    const uri = response.header(header);
    if (uri !== undefined && uri !== '') uris[scheme] = uri;
  }
  const ttl = Number(response.header('x-ttl'));
  return {
    name,
    enabled: isTrue(response.header('x-cdn-enabled')),
    ttlSeconds: ttl > 0 ? ttl : undefined,
    logRetention: isTrue(response.header('x-log-retention')),
    uris,
  };
}

type CdnRow = { readonly name: string } & Readonly<Record<string, unknown>>;

/** Rows mix `cdn_enabled` and `X-Cdn-Uri`: names are compared without case and with one kind of dash. */
function toCdnContainer(row: CdnRow): CdnContainer {
  const fields = new Map(
    Object.entries(row).map(([name, value]) => [name.toLowerCase().replace(/_/g, '-').replace(/^x-/, ''), value]),
  );
  const uris: Partial<Record<CdnScheme, string>> = {};
  for (const [scheme, header] of Object.entries(URI_HEADERS) as [CdnScheme, string][]) {
    const uri = fields.get(header.slice(2));
    if (typeof uri === 'string' && uri !== '') uris[scheme] = uri;
  }
  const ttl = Number(fields.get('ttl'));
  return {
    name: row.name,
    enabled: isTrue(fields.get('cdn-enabled')),
    ttlSeconds: ttl > 0 ? ttl : undefined,
    logRetention: isTrue(fields.get('log-retention')),
    uris,
  };
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

function notPublished(container: string, found: CdnContainer | undefined, scheme: CdnScheme): StorageError {
  const isOn = found?.enabled === true;
  const message = isOn
    ? `The CDN has no ${scheme} address of the container; it has ${Object.keys(found.uris).join(', ') || 'none'}. Set "cdnScheme".`
    : `The container ${escapeUri(container)} is not published by the CDN; call enableCdn() first.`;
  return new StorageError('precondition-failed', message, { requestSent: false });
}
