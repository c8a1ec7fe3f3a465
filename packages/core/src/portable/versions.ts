import type { Verification } from '../spi/checksums.js';
import type { VersionPage, VersionRecord } from '../spi/records.js';
import type { Container } from './container.js';
import { planListing } from './list-plan.js';
import { StorageError } from '../errors/storage-error.js';
import { CALL_ONLY_CHECKS, type ListOptions, NO_OPTIONS } from './options.js';
import { checkOptions } from '../call/option-checks.js';
import type { CallOptions } from '../call/scope.js';
import { ItemIterator, PageReader } from './paging.js';
import { need, type Session } from './session.js';
import { StoredObject } from './stored-object.js';

/** One version of an object: a handle whose reads, copies and deletes are of this version. */
export class StoredVersion extends StoredObject {
  declare readonly record: VersionRecord;
  declare readonly verified: Verification | undefined;

  /** @internal */
  constructor(session: Session, container: Container, record: VersionRecord) {
    super(session, container, record.key, { record, versionId: record.versionId });
  }

  /** True for the version that a read without `versionId` gives. */
  get isLatest(): boolean {
    return this.record.isLatest;
  }

  /** True for the mark that a delete left; it has no content. */
  get isDeleteMarker(): boolean {
    return this.record.isDeleteMarker;
  }
}

/** Lists versions, the newest of each key first. Throws `unsupported` where the store keeps none. */
export function iterateVersions(
  session: Session,
  container: Container,
  options: ListOptions,
  only?: string,
): AsyncIterableIterator<StoredVersion> {
  const operation = 'iterateVersions';
  const group = need(session, session.driver.versions, operation, 'versions');
  const { request, sift } = planListing(session, operation, options);
  if (sift) {
    const message = `${session.provider} cannot list versions by these options; list all and choose.`;
    throw new StorageError('unsupported', message, { provider: session.provider, operation });
  }
  const subject = { operation, container: container.name };
  const reader = new PageReader<VersionPage>(
    session,
    options,
    (token, call) =>
      session.caller.run(subject, call, (ctx) =>
        group.list(container.name, { ...request, limit: options.pageSize, token }, ctx),
      ),
    subject,
  );
  return new ItemIterator(
    reader,
    (page) => (only === undefined ? page.versions : page.versions.filter(({ key }) => key === only)),
    (record) => new StoredVersion(session, container, record),
  );
}

/** Tells whether the store keeps what is overwritten and deleted. */
export async function isVersioned(session: Session, container: string, options: CallOptions): Promise<boolean> {
  const operation = 'isVersioned';
  const group = need(session, session.driver.versions, operation, 'versions');
  if (options !== NO_OPTIONS) checkOptions(operation, options, CALL_ONLY_CHECKS);
  return session.caller.run({ operation, container }, options, (ctx) => group.isEnabled(container, ctx));
}

/** Makes the store keep what is overwritten and deleted from now on, or ends it. */
export async function setVersioned(
  session: Session,
  container: string,
  enabled: boolean,
  options: CallOptions,
): Promise<void> {
  const operation = 'setVersioned';
  const group = need(session, session.driver.versions, operation, 'versions');
  if (options !== NO_OPTIONS) checkOptions(operation, options, CALL_ONLY_CHECKS);
  const subject = { operation, container, changes: true };
  await session.caller.run(subject, options, (ctx) => group.setEnabled(container, enabled, ctx));
}
