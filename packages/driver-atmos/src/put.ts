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
import type { WireResponse } from '@stowage/http';
import { type AtmosCall, OCTETS } from './client.js';
import { refuseProviderOptions } from './containers.js';
import { isRefusal } from './errors.js';
import { install } from './install.js';
import { objectPath, privatePath } from './paths.js';
import type { AtmosService } from './service.js';
import { attributeHeaders, KEY_TAG } from './tag-headers.js';
import { readWsChecksum } from './wire.js';

/** Up to here, bytes that are in memory are sent straight to a free name. */
const DIRECT_BYTES = 64 * 1024;
const CLEAN_UP_MS = 2_000;

interface PutJob {
  readonly body: PutBody;
  readonly request: PutRequest;
  readonly ctx: CallContext;
}

/**
 * Small bytes go straight to their name where it is free, in one request. Everything else is sent under a private name and renamed:
 * an object is there whole, with its own tags and no others, or not at all.
 */
export async function putObject(service: AtmosService, ref: ObjectRef, job: PutJob): Promise<PutResult> {
  const { body, request, ctx } = job;
  refuseProviderOptions(request.provider);
  const size = body.size;
  if (size === undefined)
    throw new StorageError('unsupported', 'Atmos takes no put of unknown size; send it in parts.');
  const digest = digestFor(service, body, request.checksum);
  // Nobody compared the digest that was asked for when it is of another kind.
  const comparable = request.checksum && request.checksum !== digest ? undefined : digest;
  const draft = draftCall(service, request, size, digest);
  await service.containers.require(ref.container, ctx);
  const { bytes } = body;
  if (bytes && size <= DIRECT_BYTES) {
    const response = await createDirectly(service, ref, { ...draft, body: bytes }, ctx);
    if (response) return toResult(ref, size, comparable, response);
  }
  const response = await sendAside(service, ref, { ...draft, body }, request, ctx);
  return toResult(ref, size, comparable, response);
}

type Draft = Omit<AtmosCall, 'resource'>;

/** The digest that is kept with an object, and compared by a store that can. */
function digestFor({ facts }: AtmosService, body: PutBody, given: Checksum | undefined): Checksum | undefined {
  const algorithm = facts.checksum ?? 'md5';
  if (given?.algorithm === algorithm) return given;
  if (body.bytes) return { algorithm, value: digestOf(algorithm, body.bytes) };
  return given?.algorithm === 'md5' || given?.algorithm === 'sha1' ? given : undefined;
}

/** The request that creates an object, without its path. */
function draftCall({ facts }: AtmosService, request: PutRequest, size: number, digest: Checksum | undefined): Draft {
  const own = digest ? [[digest.algorithm, digest.value] as const] : [];
  const headers = attributeHeaders(request, own, facts.utf8);
  if (digest?.algorithm === facts.checksum && digest) headers.push('x-emc-wschecksum', wsChecksum(digest, size));
  const contentType = request.contentType ?? OCTETS;
  return { method: 'POST', contentType, headers, notFound: 'container-not-found' };
}

function wsChecksum({ algorithm, value }: Checksum, size: number): string {
  return `${algorithm.toUpperCase()}/${String(size)}/${value}`;
}

/** Undefined where something has the name, be it a folder, or a folder of the key is an object: that takes more than a request. */
async function createDirectly(
  service: AtmosService,
  ref: ObjectRef,
  draft: Draft,
  ctx: CallContext,
): Promise<WireResponse | undefined> {
  try {
    return await service.client.send({ ...draft, resource: objectPath(ref) }, ctx);
  } catch (error) {
    if (isRefusal(error, 1016, 1021, 1022, 1045)) return undefined;
    return service.containers.explain(ref.container, error, ctx);
  }
}

async function sendAside(
  service: AtmosService,
  ref: ObjectRef,
  draft: Draft,
  request: PutRequest,
  ctx: CallContext,
): Promise<WireResponse> {
  const path = privatePath(ref.container, `p-${service.client.host.randomBytes(16).toString('hex')}`);
  const headers = withKey(draft.headers ?? [], ref.key, service.facts.utf8);
  try {
    const response = await service.client.send({ ...draft, headers, resource: path }, ctx);
    await install(service, { path, oid: oidOf(response) }, ref, request.ifNoneMatch === undefined, ctx);
    return response;
  } catch (error) {
    await discard(service, path);
    throw error;
  }
}

/** Says in a tag whose private file it is, so that what a killed process leaves is found again. */
export function withKey(headers: readonly string[], key: string, utf8: boolean): string[] {
  const copy = [...headers];
  const at = copy.indexOf('x-emc-meta');
  const tag = `${KEY_TAG}=${utf8 ? encodeURIComponent(key) : Buffer.from(key).toString('base64url')}`;
  if (at >= 0) copy[at + 1] = `${copy[at + 1] as string}, ${tag}`;
  else copy.push('x-emc-meta', tag);
  if (utf8 && !copy.includes('x-emc-utf8')) copy.push('x-emc-utf8', 'true');
  return copy;
}

/** Takes a private file away that nobody needs, in a time of its own. What fails then is swept later. */
export async function discard({ client }: AtmosService, path: string): Promise<void> {
  const ctx = { attempt: 1, signal: AbortSignal.timeout(CLEAN_UP_MS) };
  await client.send({ method: 'DELETE', resource: path, notFound: 'object-not-found' }, ctx).catch(() => undefined);
}

export function oidOf(response: WireResponse): string | undefined {
  return /\/objects\/([0-9a-f-]{40,})/.exec(response.header('location') ?? '')?.[1];
}

/** The store compared a digest when it says it back. */
function toResult({ key }: ObjectRef, size: number, sent: Checksum | undefined, response: WireResponse): PutResult {
  const told = readWsChecksum(response.header('x-emc-wschecksum'), size);
  const compared = sent !== undefined && told?.[sent.algorithm] === sent.value;
  return {
    record: { key, size, ...(told && { checksums: told }), extra: { object_id: oidOf(response) } },
    verified: compared ? 'service' : 'none',
  };
}
