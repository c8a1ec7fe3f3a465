import { type CallContext, isStorageError, type UploadPage, type UploadRecord } from '@stowage/core/spi';
import { parseIsoDateMs } from '@stowage/http';
import { PAGE } from './capabilities.js';
import { listRows } from './containers.js';
import { containerCall, objectCall } from './requests.js';
import { baseOf, cutAt, PENDING, PENDING_TYPE, readMark } from './pending.js';
import type { SwiftService } from './swift-service.js';

/** Uploads under way are the marks beside the segments. */
export async function listUploads(
  service: SwiftService,
  container: string,
  { prefix = '', token }: { readonly prefix?: string | undefined; readonly token?: string | undefined },
  ctx: CallContext,
): Promise<UploadPage> {
  const segments = service.largeObjects.segmentsContainer(container);
  // Keys whose marks are cut begin as their marks do.
  const base = baseOf({ container, key: prefix }, segments);
  const query = { prefix: PENDING + cutAt(base, 700), marker: token, limit: PAGE };
  const rows = await listRows(service, segments, query, ctx).catch(async (error: unknown) => {
    if (!isStorageError(error, 'container-not-found')) throw error;
    await service.wire.send(containerCall('HEAD', container), ctx);
    return [];
  });
  const uploads: UploadRecord[] = [];
  for (const { name = '', content_type: type, last_modified: modified } of rows) {
    const mark = type === PENDING_TYPE ? readMark(name) : undefined;
    if (!mark) continue;
    const whole = mark.isCut ? await nameInMark(service, segments, name, ctx) : mark.base;
    if (whole === undefined || !whole.startsWith(base)) continue;
    const key = prefix + whole.slice(base.length);
    const state = { segments };
    uploads.push({ ref: { container, key }, uploadId: mark.uploadId, state, startedAtMs: parseIsoDateMs(modified) });
  }
  return { uploads, next: rows.length < PAGE ? undefined : rows.at(-1)?.name };
}

/** The whole key of a mark whose name has only its beginning; undefined when the mark is gone by now. */
async function nameInMark(
  service: SwiftService,
  container: string,
  name: string,
  ctx: CallContext,
): Promise<string | undefined> {
  try {
    const { bytes } = await service.wire.send(objectCall('GET', { container, key: name }), ctx);
    const document = JSON.parse(bytes.toString()) as { readonly name?: unknown };
    return typeof document.name === 'string' ? document.name : undefined;
  } catch (error) {
    if (isStorageError(error, 'object-not-found') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
