import { randomBytes } from 'node:crypto';
import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { Emulator, type EmulatorOptions, type Protocol } from '../http-server.js';
import {
  createBucket,
  deleteBucket,
  deleteObjects,
  DOCUMENTS,
  listBuckets,
  serveDocument,
  serveLocation,
  serveObjectTags,
  serveVersioning,
} from './buckets.js';
import { copyObject } from './copy.js';
import { corsHeaders, preflight } from './cors.js';
import { S3Error } from './errors.js';
import { answerWithout, type S3Feature, withoutFeatures } from './lacks.js';
import { listObjects, listVersions } from './listing.js';
import { completeUpload, copyPart, createUpload, findUpload, listParts, uploadPart } from './multipart.js';
import { deleteObject, putObject, readObject } from './objects.js';
import { operationOf, type S3Operation, type Target, targetOf } from './operations.js';
import { type Payload, readPayload } from './payload.js';
import { postForm } from './post.js';
import { type Account, type Signer, verifySignature } from './signature.js';
import { type Bucket, S3Store } from './store.js';
import { listUploads } from './upload-listing.js';

export interface S3EmulatorOptions extends EmulatorOptions {
  readonly accounts?: readonly Account[];
  /** Default `us-east-1`; requests that were signed for another one are refused as AWS does. */
  readonly region?: string;
  /** Host names under which `<bucket>.<name>` is a bucket's own host; default `localhost`. */
  readonly domains?: readonly string[];
  /** Buckets that anyone may read. */
  readonly publicBuckets?: readonly string[];
  /** Smallest part but the last, in bytes; default 5 MiB, as S3. */
  readonly minPartBytes?: number;
  /** What the server shall not have, as S3-compatible services of the field. Default: nothing, it is Amazon's. */
  readonly lacks?: readonly S3Feature[];
  /** New objects appear in listings only after so many milliseconds; default 0. */
  readonly listingDelayMs?: number;
  /** The server's clock; default `Date.now`. Shift it to test clock skew. */
  readonly nowMs?: () => number;
}

export const DEFAULT_ACCOUNT: Account = {
  accessKey: 'EMULATEDACCESSKEY000',
  secretKey: 'emulated/secret/key/0000000000000000000000',
};

/** An S3 server in this process that keeps objects in memory and checks every signature. */
export class S3Emulator extends Emulator {
  readonly account: Account;
  readonly region: string;
  readonly store: S3Store;

  private constructor(options: S3EmulatorOptions, protocol: S3Protocol) {
    super(protocol, options);
    this.account = protocol.rules.accounts[0] as Account;
    this.region = protocol.region;
    this.store = protocol.store;
  }

  static async start(options: S3EmulatorOptions = {}): Promise<S3Emulator> {
    const emulator = new S3Emulator(options, new S3Protocol(options));
    await emulator.listen(options.port);
    return emulator;
  }
}

interface Call {
  readonly request: EmulatedRequest;
  readonly target: Target;
  readonly signer: Signer | undefined;
}

class S3Protocol implements Protocol {
  readonly store = new S3Store();
  readonly region: string;
  readonly rules: { readonly accounts: readonly Account[]; nowMs(): number };
  readonly #domains: readonly string[];
  readonly #publicBuckets: ReadonlySet<string>;
  readonly #minPartBytes: number;
  readonly #lacks: ReadonlySet<S3Feature>;
  readonly #listingDelayMs: number;

  constructor(options: S3EmulatorOptions) {
    this.region = options.region ?? 'us-east-1';
    this.rules = { accounts: options.accounts ?? [DEFAULT_ACCOUNT], nowMs: options.nowMs ?? (() => Date.now()) };
    this.#domains = options.domains ?? ['localhost'];
    this.#publicBuckets = new Set(options.publicBuckets);
    this.#minPartBytes = options.minPartBytes ?? 5 * 1024 ** 2;
    this.#lacks = new Set(options.lacks);
    this.#listingDelayMs = options.listingDelayMs ?? 0;
  }

  operationOf(request: EmulatedRequest): string {
    return operationOf(request, targetOf(request, this.#domains));
  }

  fail(status: number, code: string, message: string): EmulatedResponse {
    return this.#refusal(new S3Error(status, code, message));
  }

  async handle(request: EmulatedRequest): Promise<EmulatedResponse> {
    const target = targetOf(request, this.#domains);
    try {
      const answer = answerWithout(await this.#route(request, target), this.#lacks);
      return {
        ...answer,
        headers: { ...this.#commonHeaders(), ...this.#cors(request, target), ...answer.headers },
      };
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      if (!request.incoming.complete) request.incoming.resume();
      return this.#refusal(error);
    }
  }

  #refusal(error: S3Error): EmulatedResponse {
    const headers = this.#commonHeaders();
    return {
      status: error.status,
      headers: { 'content-type': 'application/xml', ...headers, ...error.headers },
      body: error.toXml(headers['x-amz-request-id']),
    };
  }

  #commonHeaders(): { readonly 'x-amz-request-id': string; readonly date: string } {
    return { 'x-amz-request-id': requestId(), date: new Date(this.rules.nowMs()).toUTCString() };
  }

  #cors(request: EmulatedRequest, target: Target): Record<string, string> {
    const document =
      target.bucket === undefined ? undefined : this.store.buckets.get(target.bucket)?.documents.get('cors');
    return corsHeaders(document, request.headers['origin'], request.method);
  }

  async #route(request: EmulatedRequest, target: Target): Promise<EmulatedResponse> {
    const operation = operationOf(request, target);
    if (operation === 'Preflight')
      return preflight(this.store.buckets.get(target.bucket ?? '')?.documents.get('cors'), request);
    if (operation === 'PostObject') return postForm(this.store.bucket(target.bucket ?? ''), request, this.rules);
    const signer = verifySignature(request, this.rules);
    if (!signer) this.#checkAnonymous(operation, target);
    if (signer && signer.region !== this.region) throw this.#wrongRegion(signer.region);
    const keepsVersions = this.store.buckets.get(target.bucket ?? '')?.versioning === 'Enabled';
    const seen = withoutFeatures(request, operation, this.#lacks, keepsVersions);
    return this.#run(operation, { request: seen, target, signer });
  }

  #checkAnonymous(operation: S3Operation, { bucket }: Target): void {
    const reads = operation === 'GetObject' || operation === 'HeadObject' || operation === 'ListObjects';
    if (reads && bucket !== undefined && this.#publicBuckets.has(bucket)) return;
    throw new S3Error(403, 'AccessDenied', 'Access Denied');
  }

  #wrongRegion(given: string): S3Error {
    const message = `The authorization header is malformed; the region '${given}' is wrong; expecting '${this.region}'`;
    return new S3Error(
      400,
      'AuthorizationHeaderMalformed',
      message,
      { Region: this.region },
      { 'x-amz-bucket-region': this.region },
    );
  }

  async #run(operation: S3Operation, call: Call): Promise<EmulatedResponse> {
    const { request, target, signer } = call;
    const payload = await readPayload(request, signer);
    const isThere = operation === 'CreateBucket' && this.store.buckets.has(target.bucket ?? '');
    if (isThere && this.#lacks.has('bucket-conflicts')) return { status: 200 };
    if (operation === 'ListBuckets') return listBuckets(this.store, request);
    if (operation === 'CreateBucket')
      return createBucket(this.store, target.bucket ?? '', payload, { region: this.region, nowMs: this.rules.nowMs() });
    const bucket = this.store.bucket(target.bucket ?? '');
    return target.key === undefined
      ? this.#onBucket(operation, bucket, call, payload)
      : this.#onObject(operation, bucket, target.key, { ...call, payload });
  }

  #onBucket(operation: S3Operation, bucket: Bucket, { request }: Call, payload: Payload): EmulatedResponse {
    const document = Object.keys(DOCUMENTS).find((name) => request.query.has(name));
    if (document !== undefined) return serveDocument(bucket, document, request.method, payload);
    switch (operation) {
      case 'HeadBucket':
        return { status: 200, headers: { 'x-amz-bucket-region': bucket.region } };
      case 'DeleteBucket':
        return deleteBucket(this.store, bucket);
      case 'ListObjects':
        return xmlAnswer(listObjects(bucket, request, this.rules.nowMs() - this.#listingDelayMs));
      case 'ListObjectVersions':
        return xmlAnswer(listVersions(bucket, request));
      case 'ListMultipartUploads':
        return listUploads(bucket, request);
      case 'DeleteObjects':
        return deleteObjects(bucket, payload, this.rules.nowMs());
      case 'BucketVersioning':
        return serveVersioning(bucket, request.method, payload);
      case 'GetBucketLocation':
        return serveLocation(bucket);
      default:
        throw new S3Error(501, 'NotImplemented', `The emulator does not know ${operation}.`);
    }
  }

  #onObject(
    operation: S3Operation,
    bucket: Bucket,
    key: string,
    call: Call & { readonly payload: Payload },
  ): EmulatedResponse {
    if (Buffer.byteLength(key) > 1024) throw new S3Error(400, 'KeyTooLongError', 'Your key is too long');
    const { request, payload } = call;
    const nowMs = this.rules.nowMs();
    const upload = () => findUpload(bucket, key, request);
    switch (operation) {
      case 'GetObject':
      case 'HeadObject':
        return readObject(bucket, key, request);
      case 'PutObject':
        return putObject(bucket, key, payload, nowMs);
      case 'CopyObject':
        return copyObject(this.store, { bucket, key }, request.headers, nowMs);
      case 'DeleteObject':
        return this.#deleteObject(bucket, key, request);
      case 'ObjectTagging':
        return serveObjectTags(bucket, key, request, payload);
      case 'CreateMultipartUpload':
        return createUpload(bucket, key, request, nowMs);
      case 'UploadPart':
        return uploadPart(upload(), request, payload, nowMs);
      case 'UploadPartCopy':
        return copyPart(this.store, upload(), request, nowMs);
      case 'CompleteMultipartUpload':
        return completeUpload(bucket, upload(), payload, { minPartBytes: this.#minPartBytes, nowMs });
      case 'ListParts':
        return listParts(bucket, upload(), request);
      case 'AbortMultipartUpload':
        bucket.uploads.delete(upload().id);
        return { status: 204 };
      default:
        throw new S3Error(501, 'NotImplemented', `The emulator does not know ${operation}.`);
    }
  }

  #deleteObject(bucket: Bucket, key: string, request: EmulatedRequest): EmulatedResponse {
    const versionId = request.query.get('versionId');
    const { versionId: gone, isDeleteMarker } = deleteObject(bucket, key, {
      versionId,
      ifMatch: request.headers['if-match'],
      nowMs: this.rules.nowMs(),
    });
    return {
      status: 204,
      headers: { 'x-amz-version-id': gone, 'x-amz-delete-marker': isDeleteMarker ? 'true' : undefined },
    };
  }
}

function xmlAnswer(body: string): EmulatedResponse {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

function requestId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}
