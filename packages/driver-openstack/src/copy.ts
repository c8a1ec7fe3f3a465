import {
  type CallContext,
  COPY_IN_PARTS,
  type CopyGroup,
  type CopyRequest,
  type CopyResult,
  type ObjectRef,
  StorageError,
} from '@stowage/core/spi';
import { contentLengthOf } from '@stowage/http';
import { providerHeaders } from './provider-options.js';
import { addAttributes, objectCall, objectPath, SLOW_CALL_MS, statRequest, versionQuery } from './requests.js';
import type { SwiftService } from './swift-service.js';
import { isLarge, readChecksums, readEtag, readVersionId } from './wire.js';

/** Copies inside the service: https://docs.openstack.org/api-ref/object-store/#copy-object */
export function copyGroup(service: SwiftService): CopyGroup {
  return { copy: (from, to, request, ctx) => copyObject(service, from, to, { request, ctx }) };
}

const LARGE = 'A large object is copied segment by segment.';

/**
 * A large object is copied in parts, segment by segment: a copy of its manifest alone would share the segments, and deleting the one
 * would destroy the other.
 */
async function copyObject(
  service: SwiftService,
  from: ObjectRef,
  to: ObjectRef,
  { request, ctx }: { readonly request: CopyRequest; readonly ctx: CallContext },
): Promise<CopyResult> {
  const { wire, largeObjects } = service;
  const headers = copyHeaders(to, request);
  const source = await wire.send(statRequest(from, {}, []), ctx);
  if (isLarge(source)) throw new StorageError('unsupported', LARGE, { providerCode: COPY_IN_PARTS });
  const retired = await largeObjects.beforeWrite(to, ctx);
  let isReplaced = false;
  try {
    const call = { ...objectCall('COPY', from, versionQuery(from), headers), notFound: 'container-not-found' as const };
    const means = { precondition: 'precondition-failed' as const, headersTimeoutMs: SLOW_CALL_MS };
    const response = await wire.send({ ...call, ...means }, ctx);
    isReplaced = true;
    const etag = readEtag(response);
    const record = { key: to.key, size: contentLengthOf(source), etag, checksums: readChecksums(response, etag) };
    return { record: { ...record, versionId: readVersionId(response) } };
  } finally {
    await largeObjects.settle(retired, isReplaced);
  }
}

/** Swift keeps all that is stored with the source unless it is told to begin afresh. */
function copyHeaders(to: ObjectRef, { attributes, sourceIfMatch, provider }: CopyRequest): string[] {
  const headers = ['destination', objectPath(to)];
  if (sourceIfMatch !== undefined)
    headers.push('if-match', sourceIfMatch === '*' ? sourceIfMatch : `"${sourceIfMatch}"`);
  if (attributes) {
    headers.push('x-fresh-metadata', 'true');
    // Of the source, the type would stay.
    addAttributes(headers, { contentType: 'application/octet-stream', ...defined(attributes) });
  }
  headers.push(...providerHeaders('copy', provider));
  return headers;
}

function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
