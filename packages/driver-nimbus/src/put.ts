import {
  type CallContext,
  type Checksum,
  digestOf,
  type ObjectRef,
  type PutBody,
  type PutRequest,
  type PutResult,
  StorageError,
} from '@stowage/core/spi';
import { hexToBase64, type WireBody } from '@stowage/http';
import type { NimbusClient } from './client.js';
import { type Facts, metadataQuery } from './facts.js';
import { archiveCall } from './requests.js';
import { refuseProviderOptions } from './service.js';
import { checksumsOf } from './stat.js';

/** The server says 200 to a body without a byte and stores nothing: an empty object is one byte, and its facts say so. */
export const PLACEHOLDER = Buffer.from([0]);
const EMPTY_MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

/** A body as it is sent. */
export interface SentBody {
  /** Bytes of what the caller gave. */
  readonly size: number;
  readonly body: Buffer | WireBody;
  readonly headers: readonly string[];
  /** The server compares the body with a digest that goes with it. */
  readonly verified: PutResult['verified'];
}

/** Throws `unsupported` for a body of unknown size, and `checksum-mismatch` for an empty one with another digest. */
export function prepareBody(body: PutBody, checksum: Checksum | undefined): SentBody {
  const { size } = body;
  if (size === undefined)
    throw new StorageError('unsupported', 'Nimbus.io must know the size of a body before it is sent; give "size".');
  const md5 = checksum?.algorithm === 'md5' ? checksum.value : undefined;
  if (size === 0) return emptyBody(md5);
  const headers = md5 === undefined ? [] : ['content-md5', hexToBase64(md5)];
  return { size, body: body.bytes ?? body, headers, verified: md5 === undefined ? 'none' : 'service' };
}

function emptyBody(md5: string | undefined): SentBody {
  if (md5 !== undefined && md5 !== EMPTY_MD5)
    throw new StorageError('checksum-mismatch', 'The body is empty, and its "checksum" is that of another one.');
  return { size: 0, body: PLACEHOLDER, headers: [], verified: md5 === undefined ? 'none' : 'service' };
}

export async function putObject(
  client: NimbusClient,
  ref: ObjectRef,
  body: PutBody,
  request: PutRequest,
  ctx: CallContext,
): Promise<PutResult> {
  refuseProviderOptions(request.provider);
  const sent = prepareBody(body, request.checksum);
  const { checksum } = request;
  const facts: Facts = {
    size: sent.size,
    md5: checksum?.algorithm === 'md5' ? checksum.value : undefined,
    // With it a reader knows that bytes and facts, which come apart, belong together.
    crc32: body.bytes && digestOf('crc32', body.bytes),
    etag: newEtag(client),
    modifiedAtMs: client.nowMs(),
  };
  const call = archiveCall(ref, metadataQuery(facts, request), sent);
  const versionId = await client.ask(call, ctx, readVersionId);
  const { etag, modifiedAtMs } = facts;
  const record = { key: ref.key, size: sent.size, etag, modifiedAtMs, checksums: checksumsOf(facts), versionId };
  return { record, verified: sent.verified };
}

/** A word that no other write has: the server gives out no ETags. */
export function newEtag({ host }: NimbusClient): string {
  return host.randomBytes(12).toString('base64url');
}

export function readVersionId(bytes: Buffer): string {
  const { version_identifier: id } = JSON.parse(bytes.toString()) as { version_identifier?: unknown };
  if (typeof id !== 'string') throw new TypeError('The answer names no version.');
  return id;
}
