import {
  type CallContext,
  type CopyGroup,
  type CopyRequest,
  type CopyResult,
  type ObjectRef,
  type ProviderOptions,
  type PutAttributes,
  StorageError,
} from '@stowage/core/spi';
import { asObjectExists } from '@stowage/http';
import { sourceConditionQuery, writeConditionQuery } from './conditions.js';
import type { GcsService } from './gcs-service.js';
import { type JsonObject, predefinedAcl, toCopiedRecord, writableFields } from './json-object.js';
import { checkProviderOptions, optionText } from './provider-options.js';
import { jsonCall, SLOW_CALL_MS } from './requests.js';

interface RewriteAnswer {
  readonly done?: boolean;
  readonly rewriteToken?: string;
  readonly totalBytesRewritten?: string;
  readonly objectSize?: string;
  readonly resource?: JsonObject;
}

const OPTIONS = ['kmsKeyName', 'customTime', 'userProject', 'maxBytesPerCall'];

/** Copies by the JSON API: https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite */
export function rewriteGroup(service: GcsService): CopyGroup {
  return { copy: (from, to, request, ctx) => rewrite(service, from, to, request, ctx) };
}

/** One call of a rewrite: a large object between places or classes takes several, each with the token of the one before. */
async function rewrite(
  service: GcsService,
  from: ObjectRef,
  to: ObjectRef,
  request: CopyRequest,
  ctx: CallContext,
): Promise<CopyResult> {
  const { client, encryption, endpoint, options } = service;
  const { attributes, provider, token } = request;
  const query = queryOf(service, request);
  const kept = await keptFields(service, from, request, ctx);
  const storageClass = attributes?.storageClass ?? options.storageClass;
  // What the first call asked for holds for those that follow with its token.
  const body = token === undefined ? bodyOf(attributes, kept, storageClass, textOf(provider, 'customTime')) : undefined;
  const segments = ['b', from.container, 'o', from.key, 'rewriteTo', 'b', to.container, 'o', to.key];
  const source = ['sourceGeneration', from.versionId ?? kept?.generation];
  const call = jsonCall(endpoint, 'POST', segments, { query: [...query, ...source], body });
  call.headers.push(...encryption.copySource, ...keyHeaders(encryption.write), ...payerOf(provider));
  try {
    const answer = await client.askJson<RewriteAnswer>({ ...call, headersTimeoutMs: SLOW_CALL_MS }, ctx);
    return toResult(to, answer);
  } catch (error) {
    throw asObjectExists(error, request);
  }
}

/** Reads all that can be wrong in a request, before the first one is sent. */
function queryOf({ options }: GcsService, request: CopyRequest): readonly (string | undefined)[] {
  const { attributes, provider, token, sourceIfMatch } = request;
  checkProviderOptions('copy', provider, OPTIONS);
  return [
    ...['rewriteToken', token],
    ...['maxBytesRewrittenPerCall', bytesPerCall(provider?.['maxBytesPerCall'])],
    ...['destinationKmsKeyName', textOf(provider, 'kmsKeyName') ?? options.kmsKeyName],
    ...['destinationPredefinedAcl', predefinedAcl(attributes?.acl)],
    ...writeConditionQuery(request),
    ...sourceConditionQuery(sourceIfMatch),
  ];
}

function payerOf(provider: ProviderOptions | undefined): readonly string[] {
  const project = textOf(provider, 'userProject');
  return project === undefined ? [] : ['x-goog-user-project', project];
}

function textOf(provider: ProviderOptions | undefined, name: string): string | undefined {
  const value = provider?.[name];
  return value === undefined ? undefined : optionText(name, value);
}

const MIB = 1024 ** 2;

function bytesPerCall(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value % MIB === 0) return String(value);
  const message = 'The provider option "maxBytesPerCall" is a number of bytes, a multiple of 1 MiB (1,048,576).';
  throw new StorageError('invalid-argument', message, { requestSent: false });
}

/** An empty body keeps what the source has; any other stands for all that the copy shall have. */
function bodyOf(
  attributes: PutAttributes | undefined,
  kept: JsonObject | undefined,
  storageClass: string | undefined,
  customTime: string | undefined,
): object {
  const given = {
    ...(storageClass !== undefined && { storageClass }),
    ...(customTime !== undefined && { customTime }),
  };
  if (attributes) return { ...writableFields(attributes), metadata: attributes.metadata ?? {}, ...given };
  return kept ? { ...kept, generation: undefined, ...given } : {};
}

const KEPT =
  'contentType,contentEncoding,contentDisposition,contentLanguage,cacheControl,metadata,customTime,generation';

/**
 * What the copy takes over of its source where only its storage class or time is another: a body that says these alone would take all
 * other metadata away. https://github.com/googleapis/google-cloud-ruby/issues/4254
 */
async function keptFields(
  { client, endpoint, options }: GcsService,
  { container, key, versionId }: ObjectRef,
  { attributes, provider, token }: CopyRequest,
  ctx: CallContext,
): Promise<JsonObject | undefined> {
  const changes = options.storageClass !== undefined || provider?.['customTime'] !== undefined;
  if (attributes || token !== undefined || !changes) return undefined;
  const query = ['fields', KEPT, 'generation', versionId];
  const call = jsonCall(endpoint, 'GET', ['b', container, 'o', key], { query });
  call.headers.push(...payerOf(provider));
  return client.askJson<JsonObject>(call, ctx);
}

/** The KMS key travels as a parameter here. */
function keyHeaders(write: readonly string[]): readonly string[] {
  return write.includes('x-goog-encryption-kms-key-name') ? [] : write;
}

function toResult({ key }: ObjectRef, answer: RewriteAnswer): CopyResult {
  const { done, rewriteToken, totalBytesRewritten, objectSize, resource } = answer;
  if (done === true && resource) return { record: toCopiedRecord(key, resource) };
  if (rewriteToken === undefined)
    throw new StorageError('unknown', 'The service did not finish the copy, and does not say how it goes on.');
  const size = objectSize === undefined ? undefined : Number(objectSize);
  return { record: { key, size }, next: rewriteToken, copiedBytes: Number(totalBytesRewritten ?? 0) };
}
