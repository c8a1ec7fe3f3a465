import { checkOptions } from '../call/option-checks.js';
import type { UploadPage, UploadRecord } from '../spi/groups.js';
import {
  LIST_UPLOADS_CHECKS,
  type ListUploadsOptions,
  NO_OPTIONS,
  SWEEP_UPLOADS_CHECKS,
  type SweepUploadsOptions,
} from './options.js';
import { ItemIterator, PageReader } from './paging.js';
import { need, type Session, together } from './session.js';

/** An upload that was begun and neither completed nor aborted: the store keeps, and bills, its parts. */
export interface PendingUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly startedAt: Date | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Lists uploads that were begun and not ended. Throws `unsupported` where the store has no uploads in parts. */
export function listUploads(
  session: Session,
  container: string,
  options: ListUploadsOptions,
): AsyncIterableIterator<PendingUpload> {
  if (options !== NO_OPTIONS) checkOptions('listUploads', options, LIST_UPLOADS_CHECKS);
  return iterateUploads(session, 'listUploads', container, options, toPending);
}

function iterateUploads<T>(
  session: Session,
  operation: string,
  container: string,
  options: ListUploadsOptions,
  make: (record: UploadRecord) => T,
): AsyncIterableIterator<T> {
  const group = need(session, session.driver.parts, operation, 'uploads in parts');
  const subject = { operation, container };
  const { prefix } = options;
  const reader = new PageReader<UploadPage>(
    session,
    options,
    (token, call) => session.caller.run(subject, call, (ctx) => group.listUploads(container, { prefix, token }, ctx)),
    subject,
  );
  return new ItemIterator(reader, (page) => page.uploads, make);
}

function toPending({ ref, uploadId, startedAtMs, extra }: UploadRecord): PendingUpload {
  const startedAt = startedAtMs === undefined ? undefined : new Date(startedAtMs);
  return { key: ref.key, uploadId, startedAt, extra: extra ?? {} };
}

const DAY_MS = 86_400_000;

/** Aborts uploads that were left, and tells how many. */
export async function sweepUploads(session: Session, container: string, options: SweepUploadsOptions): Promise<number> {
  const operation = 'sweepUploads';
  if (options !== NO_OPTIONS) checkOptions(operation, options, SWEEP_UPLOADS_CHECKS);
  const group = need(session, session.driver.parts, operation, 'uploads in parts');
  const { olderThanMs = DAY_MS, prefix, ...call } = options;
  const before = session.host.nowMs() - olderThanMs;
  const isLeft = ({ startedAtMs }: UploadRecord): boolean =>
    startedAtMs === undefined ? olderThanMs === 0 : startedAtMs <= before;
  return together(session, call, async (shared) => {
    let swept = 0;
    const uploads = iterateUploads(session, operation, container, { ...shared, prefix }, (record) => record);
    for await (const upload of uploads) {
      if (!isLeft(upload)) continue;
      const subject = { operation, container, key: upload.ref.key, changes: true };
      await session.caller.run(subject, shared, (ctx) => group.abort(upload, ctx));
      swept++;
    }
    return swept;
  });
}
