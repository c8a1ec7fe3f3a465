import { type ListedRecord, type ObjectRef, StorageError } from '@stowage/core/spi';
import { queryString, type WireBody, type WireResponse } from '@stowage/http';
import { type BulkOutcome, readBulkOutcome } from './bulk.js';
import type { CdnContainer, CloudFilesCdn } from './cdn.js';
import { type ClientCallOptions as Options, ContainerSettings, context } from './container-settings.js';
import { listRows, metadataText, type RowsRequest } from './containers.js';
import type { ServiceInfo } from './info.js';
import { type ObjectRow, toObjectPage } from './listing.js';
import { type Address, refuse } from './options.js';
import { accountCall, containerCall, objectCall, SLOW_CALL_MS, utf8Header } from './requests.js';
import type { SwiftService } from './swift-service.js';
import { tempUrl } from './urls.js';
import { readMetadata, TEMP_URL_KEYS } from './wire.js';

/** What an account holds and may hold; Libcloud's `ex_get_meta_data`. Counts lag behind writes. */
export interface AccountUsage {
  readonly containerCount: number;
  readonly objectCount: number;
  readonly bytesUsed: number;
  readonly quotaBytes: number | undefined;
  readonly hasTempUrlKey: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface TempUrlOptions {
  /** `GET`, `HEAD`, `PUT`, `POST` or `DELETE`. Default `GET`. */
  readonly method?: string | undefined;
  /** Seconds from now. */
  readonly expiresInSeconds: number;
  /** The signature then serves every key of the container that begins so. */
  readonly prefix?: string | undefined;
  /** Address or range, such as `10.0.0.0/8`, that requests must come from. */
  readonly ipRange?: string | undefined;
}

/**
 * What Swift has beside the portable API, typed. It shares login and connections with the driver, makes one attempt for each call, and
 * rejects with the same classified errors.
 */
export class SwiftClient extends ContainerSettings {
  readonly #service: SwiftService;
  /** The CDN management of Cloud Files; undefined elsewhere. */
  readonly cdn: CloudFilesCdn | undefined;

  /** @internal */
  constructor(service: SwiftService, cdn: CloudFilesCdn | undefined) {
    super(service.wire);
    this.#service = service;
    this.cdn = cdn;
  }

  /** What the service says of itself; undefined where it does not. */
  async info(options: Options = {}): Promise<ServiceInfo | undefined> {
    return this.#service.discovery.info(context(options));
  }

  /** Where the account is. */
  async storageAddress(options: Options = {}): Promise<Address> {
    return this.#service.wire.storage(context(options));
  }

  async accountUsage(options: Options = {}): Promise<AccountUsage> {
    const response = await this.#service.wire.send(accountCall('HEAD'), context(options));
    const metadata = readMetadata(response, 'x-account-meta-', TEMP_URL_KEYS);
    const hasTempUrlKey = TEMP_URL_KEYS.some((name) => response.header(`x-account-meta-${name}`) !== undefined);
    const quota = response.header('x-account-quota-bytes') ?? metadata['quota-bytes'];
    return {
      containerCount: number(response, 'x-account-container-count'),
      objectCount: number(response, 'x-account-object-count'),
      bytesUsed: number(response, 'x-account-bytes-used'),
      quotaBytes: quota === undefined ? undefined : Number(quota),
      hasTempUrlKey,
      metadata,
    };
  }

  /** Sets the key that signs addresses, of the account or of one container. The second key is for rotation. */
  async setTempUrlKey(
    key: string,
    options: Options & { readonly container?: string | undefined; readonly second?: boolean | undefined } = {},
  ): Promise<void> {
    const level = options.container === undefined ? 'account' : 'container';
    const header = `x-${level}-meta-temp-url-key${options.second === true ? '-2' : ''}`;
    const headers = [header, metadataText(key)];
    const call =
      options.container === undefined
        ? accountCall('POST', '', headers)
        : containerCall('POST', options.container, '', headers);
    await this.#service.wire.send(call, context(options));
    this.#service.tempUrlKey.forget();
  }

  /** Makes a new key the first and the first the second, so that addresses that are out live on until the next time. */
  async rotateTempUrlKey(newKey: string, options: Options = {}): Promise<void> {
    const response = await this.#service.wire.send(accountCall('HEAD'), context(options));
    const old = response.header('x-account-meta-temp-url-key') ?? '';
    const headers = [
      'x-account-meta-temp-url-key',
      metadataText(newKey),
      'x-account-meta-temp-url-key-2',
      utf8Header(old),
    ];
    await this.#service.wire.send(accountCall('POST', '', headers), context(options));
    this.#service.tempUrlKey.forget();
  }

  /** An address with Swift's own bounds. With `prefix` the query of the address serves all keys that begin so. */
  async tempUrl(ref: ObjectRef, options: TempUrlOptions & Options): Promise<string> {
    const { method = 'GET', expiresInSeconds, prefix, ipRange } = options;
    if (prefix !== undefined && !ref.key.startsWith(prefix)) return refuse('The key must begin with "prefix".');
    if (ipRange !== undefined && !/^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(ipRange))
      return refuse('"ipRange" must be an address or a range such as "10.0.0.0/8".');
    const expires = Math.ceil(this.#service.wire.host.nowMs() / 1000) + expiresInSeconds;
    return tempUrl(this.#service, { ref, method, expires, prefix, ipRange }, context(options));
  }

  /** One page of rows in Swift's own terms, also from the last name to the first. */
  async listRows(container: string, request: RowsRequest = {}, options: Options = {}): Promise<readonly ObjectRow[]> {
    if (request.reverse === true && !this.#service.facts.reverse) {
      throw new StorageError('unsupported', 'The service lists from the first name only.', { requestSent: false });
    }
    return listRows(this.#service, container, request, context(options));
  }

  /** As `listRows`, as records. */
  async listPage(
    container: string,
    request: RowsRequest = {},
    options: Options = {},
  ): Promise<readonly ListedRecord[]> {
    return toObjectPage(await this.listRows(container, request, options), Infinity).objects;
  }

  /** Stores the files of an archive as objects: `tar`, `tar.gz` or `tar.bz2`. Tells what could not be stored. */
  async uploadArchive(
    archive: Buffer | WireBody,
    target: { readonly container?: string; readonly prefix?: string; readonly format: 'tar' | 'tar.gz' | 'tar.bz2' },
    options: Options = {},
  ): Promise<BulkOutcome> {
    if (!this.#service.facts.bulkUpload) {
      throw new StorageError('unsupported', 'The service takes no archives.', { requestSent: false });
    }
    const { container, prefix = '', format } = target;
    const query = queryString('extract-archive', format);
    const call =
      container === undefined
        ? accountCall('PUT', query)
        : prefix === ''
          ? containerCall('PUT', container, query)
          : objectCall('PUT', { container, key: prefix }, query);
    call.headers.push('accept', 'application/json');
    return readBulkOutcome(
      await this.#service.wire.send({ ...call, body: archive, headersTimeoutMs: SLOW_CALL_MS }, context(options)),
    );
  }

  /** Sets when an object goes, in seconds since 1970 or as a Date; undefined: never. What is stored with it stays. */
  async setExpiry(ref: ObjectRef, at: Date | number | undefined, options: Options = {}): Promise<void> {
    const { wire } = this.#service;
    const response = await wire.send(objectCall('HEAD', ref), context(options));
    const seconds = at instanceof Date ? Math.ceil(at.getTime() / 1000) : at;
    const headers = REWRITTEN.flatMap((name) => {
      const value = response.header(name);
      return value === undefined ? [] : [name, utf8Header(value)];
    });
    for (const [name, value] of Object.entries(readMetadata(response)))
      headers.push(`x-object-meta-${name}`, utf8Header(value));
    if (seconds !== undefined) headers.push('x-delete-at', String(seconds));
    await wire.send(objectCall('POST', ref, '', headers), context(options));
  }

  /** The segments of a static large object, as Swift tells them; undefined for any other object. */
  async manifest(
    ref: ObjectRef,
    options: Options = {},
  ): Promise<readonly Readonly<Record<string, unknown>>[] | undefined> {
    const response = await this.#service.wire.send(objectCall('GET', ref, '?multipart-manifest=get'), context(options));
    if (response.header('x-static-large-object') === undefined) return undefined;
    return JSON.parse(response.bytes.toString() || '[]') as readonly Readonly<Record<string, unknown>>[];
  }

  async cdnContainer(name: string, options: Options = {}): Promise<CdnContainer | undefined> {
    return this.cdn?.container(name, context(options));
  }
}

/** What a POST drops unless it is sent again. */
const REWRITTEN = [
  'content-type',
  'content-encoding',
  'content-disposition',
  'content-language',
  'cache-control',
  'expires',
  'x-robots-tag',
  'x-object-manifest',
] as const;

function number(response: WireResponse, header: string): number {
  return Number(response.header(header) ?? 0);
}
