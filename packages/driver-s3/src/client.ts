import { type CallContext, type DriverHost, StorageError } from '@stowage/core/spi';
import {
  AWS4,
  createTransport,
  type HeaderSignature,
  parseErrorDocument,
  signHeaders,
  Signer,
  type KeyPair,
  type Transport,
  type WireBody,
  type WireResponse,
} from '@stowage/http';
import { Addresses, type BucketAddress, objectPath } from './address.js';
import type { KeySource } from './credentials.js';
import { toError } from './errors.js';
import type { S3Options } from './options.js';
import type { S3Call } from './requests.js';

/** A body that may depend on the signature of its request, as signed chunks do. */
export type BodyOf = (signature: HeaderSignature | undefined) => Buffer | WireBody;

/** Addresses, signs and sends; remembers in which region each bucket is. */
export class S3Client {
  readonly addresses: Addresses;
  readonly host: DriverHost;
  readonly keys: KeySource;
  readonly #transport: Transport;
  readonly #requestPayer: boolean;
  readonly #signers = new Map<string, Signer>();
  readonly #regions = new Map<string, string>();

  constructor(options: S3Options, host: DriverHost, keys: KeySource) {
    this.addresses = new Addresses(options);
    this.host = host;
    this.keys = keys;
    this.#transport = createTransport(host, options);
    this.#requestPayer = options.requestPayer === true;
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
    const source = this.keys();
    const keys = source instanceof Promise ? await source : source;
    const address = this.addressOf(call.bucket);
    const request = {
      method: call.method,
      origin: address.origin,
      path: this.pathOf(call, address),
      headers: [...call.headers],
      want: call.want,
    };
    if (this.#requestPayer) request.headers.push('x-amz-request-payer', 'requester');
    const signature = keys === undefined ? undefined : this.#sign(request, call, keys);
    const body = bodyOf ? bodyOf(signature) : call.body;
    const response = await this.#transport.send(body === undefined ? request : { ...request, body }, ctx);
    if (response.ok) return response;
    throw this.#refusal(response, call);
  }

  /** Makes the error of an answer; also of a 200 that holds an error document. */
  #refusal(response: WireResponse, call: S3Call): StorageError {
    return (
      this.#learnRegion(response, call) ?? toError(response, { notFound: call.notFound, nowMs: this.host.nowMs() })
    );
  }

  /** Throws the error that a 200 answer holds, as slow calls may: copies and completions. */
  refuseErrorDocument(response: WireResponse, call: S3Call): void {
    if (parseErrorDocument(response.bytes))
      throw toError(response, { notFound: call.notFound, nowMs: this.host.nowMs() });
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  #sign(
    request: { readonly method: string; readonly origin: string; readonly path: string; readonly headers: string[] },
    call: S3Call,
    keys: KeyPair,
  ): HeaderSignature {
    return signHeaders(this.signerFor(call.bucket), request, call.contentHash, keys, this.host.nowMs());
  }

  /**
   * A bucket of another region answers 301, 307 or 400 and tells where it is. The region is kept, and the error says that the
   * same call will go there: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
   */
  #learnRegion(response: WireResponse, { bucket }: S3Call): StorageError | undefined {
    const { status } = response;
    if (bucket === undefined || (status !== 301 && status !== 307 && status !== 400 && status !== 403))
      return undefined;
    const body = parseErrorDocument(response.bytes);
    const region = response.header('x-amz-bucket-region') ?? body?.region;
    if (region === undefined || !/^[a-z0-9-]{1,64}$/.test(region) || region === this.regionOf(bucket)) return undefined;
    if (this.#regions.size >= 10_000) this.#regions.clear();
    this.#regions.set(bucket, region);
    const message = `The bucket "${bucket}" is in the region ${region}; set "region" to spare the detour. The next attempt goes there.`;
    return new StorageError('unavailable', message, {
      status,
      providerCode: body?.code,
      retryable: true,
      retryAfterMs: 0,
      requestSent: true,
    });
  }
}
