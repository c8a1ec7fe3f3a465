import { type CallContext, type DriverHost, StorageError } from '@stowage/core/spi';
import {
  AWS4,
  createTransport,
  type HeaderSignature,
  isErrorDocument,
  type KeyPair,
  parseErrorDocument,
  signHeaders,
  ServiceClock,
  Signer,
  type Transport,
  type WireBody,
  type WireResponse,
} from '@stowage/http';
import { type Addresses, type BucketAddress, objectPath } from './address.js';
import type { KeySource } from './credentials.js';
import { toError } from './errors.js';
import type { S3Options } from './options.js';
import type { S3Call } from './requests.js';

/** A body that may depend on the signature of its request, as signed chunks do. */
export type BodyOf = (signature: HeaderSignature | undefined) => Buffer | WireBody;

const MAX_KNOWN_REGIONS = 10_000;

/** Addresses, signs and sends. Remembers in which region each bucket is, and how far the service's clock is from ours. */
export class S3Client {
  readonly addresses: Addresses;
  readonly host: DriverHost;
  readonly credentials: KeySource;
  readonly transport: Transport;
  readonly #requestPayer: boolean;
  readonly #signers = new Map<string, Signer>();
  readonly #regions = new Map<string, string>();
  readonly #clock: ServiceClock;

  constructor(options: S3Options, host: DriverHost, addresses: Addresses, credentials: KeySource) {
    this.addresses = addresses;
    this.host = host;
    this.#clock = new ServiceClock(host);
    this.credentials = credentials;
    this.transport = createTransport(host, options);
    this.#requestPayer = options.requestPayer === true;
  }

  /** The time by the service's clock, as far as it is known. */
  nowMs(): number {
    return this.#clock.nowMs();
  }

  regionOf(bucket: string | undefined): string {
    return (bucket === undefined ? undefined : this.#regions.get(bucket)) ?? this.addresses.region;
  }

  signerFor(bucket: string | undefined): Signer {
    const region = this.regionOf(bucket);
    const known = this.#signers.get(region);
    if (known) return known;
    const signer = new Signer({ scheme: AWS4, region, service: 's3' });
    this.#signers.set(region, signer);
    return signer;
  }

  addressOf(bucket: string | undefined): BucketAddress {
    return bucket === undefined ? this.addresses.service() : this.addresses.bucket(bucket, this.regionOf(bucket));
  }

  pathOf(call: Pick<S3Call, 'bucket' | 'key' | 'query'>, address: BucketAddress): string {
    const path = call.key === undefined ? address.basePath || '/' : objectPath(address, call.key);
    return path + call.query;
  }

  /** Sends one request. Resolves with a success only; a refusal rejects, classified. */
  async send(call: S3Call, ctx: CallContext, bodyOf?: BodyOf): Promise<WireResponse> {
    const fetched = this.credentials.keys();
    const keys = fetched instanceof Promise ? await fetched : fetched;
    const address = this.addressOf(call.bucket);
    // Complete from the beginning: a body that is added by a copy of the request costs more than its signature.
    const request = {
      method: call.method,
      origin: address.origin,
      path: this.pathOf(call, address),
      headers: call.headers.slice(),
      body: call.body as Buffer | WireBody | undefined,
      want: call.want,
      headersTimeoutMs: call.headersTimeoutMs,
    };
    if (this.#requestPayer) request.headers.push('x-amz-request-payer', 'requester');
    const signature = keys && signHeaders(this.signerFor(call.bucket), request, call.contentHash, keys, this.nowMs());
    if (bodyOf) request.body = bodyOf(signature);
    const response = await this.transport.send(request, ctx);
    if (response.ok) return response;
    throw this.#learn(response, call, keys) ?? this.#refusal(response, call);
  }

  /**
   * Sends a request whose answer is a document. A document that cannot be read, and one that tells of an error although the status
   * does not, reject: slow calls answer before their work is done.
   */
  async ask<T>(call: S3Call, ctx: CallContext, parse: (bytes: Buffer) => T): Promise<readonly [T, WireResponse]> {
    const response = await this.send({ ...call, want: 'document' }, ctx);
    if (isErrorDocument(response.bytes)) throw this.#refusal(response, call);
    try {
      const parsed = parse(response.bytes);
      response.release();
      return [parsed, response];
    } catch (cause) {
      if (call.method === 'GET') throw cause;
      // The work may be done: only the answer is lost.
      const message = `The service answered ${String(response.status)} and did not say what became of the request.`;
      throw new StorageError('unavailable', message, { requestSent: true, cause });
    }
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  #refusal(response: WireResponse, { notFound }: S3Call): StorageError {
    return toError(response, { notFound, nowMs: this.host.nowMs() });
  }

  /** Takes what a refusal teaches: where the bucket is, what the time is, that keys have expired. The next attempt uses it. */
  #learn(response: WireResponse, call: S3Call, keys: KeyPair | undefined): StorageError | undefined {
    const { status } = response;
    if (status < 300 || status > 403) return undefined;
    const body = parseErrorDocument(response.bytes);
    const lesson =
      this.#learnRegion(response, call, body?.region) ??
      (keys && (this.#learnTime(response, call, body?.code) ?? this.#learnExpiry(body?.code, keys)));
    if (lesson === undefined) return undefined;
    return new StorageError('unavailable', `${lesson} The next attempt goes by it.`, {
      status,
      providerCode: body?.code,
      mended: true,
    });
  }

  /**
   * A bucket of another region answers 301, 307 or 400 and tells where it is:
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
   */
  #learnRegion(response: WireResponse, { bucket }: S3Call, told: string | undefined): string | undefined {
    const region = response.header('x-amz-bucket-region') ?? told;
    if (bucket === undefined || region === undefined || !/^[a-z0-9-]{1,64}$/.test(region)) return undefined;
    if (region === this.regionOf(bucket)) return undefined;
    if (this.#regions.size >= MAX_KNOWN_REGIONS) this.#regions.clear();
    this.#regions.set(bucket, region);
    return `The bucket "${bucket}" is in the region ${region}; set "region" to spare the detour.`;
  }

  #learnTime(response: WireResponse, { method }: S3Call, code: string | undefined): string | undefined {
    // An answer to HEAD has no body to say what was wrong.
    const isSilent = method === 'HEAD' && code === undefined;
    if (code !== 'RequestTimeTooSkewed' && !isSilent) return undefined;
    return this.#clock.learn(response, isSilent);
  }

  #learnExpiry(code: string | undefined, keys: KeyPair): string | undefined {
    const isExpired = code === 'ExpiredToken' || code === 'TokenRefreshRequired';
    return isExpired && this.credentials.renew(keys)
      ? 'The credentials have expired and are fetched again.'
      : undefined;
  }
}
