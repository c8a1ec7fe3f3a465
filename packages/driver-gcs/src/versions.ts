import { compareBytes, type VersionsGroup } from '@stowage/core/spi';
import {
  parseVersionPage,
  parseXml,
  readPosition,
  type S3VersionPage,
  textAt,
  versioningDocument,
  writePosition,
} from '@stowage/http';
import type { GcsService } from './gcs-service.js';
import { readField } from './list.js';
import { withXml, xmlCall } from './requests.js';

/** https://cloud.google.com/storage/docs/object-versioning: there are no marks of deletion, and the oldest comes first. */
export function versionsGroup({ client, endpoint }: GcsService): VersionsGroup {
  return {
    async list(container, { prefix, delimiter, startAfter, token, limit }, ctx) {
      const after = token === undefined ? { key: startAfter } : readPosition(token);
      const query = [
        ...['versions', ''],
        ...['encoding-type', 'url'],
        ...['prefix', prefix],
        ...['delimiter', delimiter],
        ...['marker', after.key],
        ...['generation-marker', 'id' in after ? after.id : undefined],
        ...['max-keys', limit === undefined ? undefined : String(limit)],
      ];
      const call = xmlCall(endpoint, 'GET', { container }, { query });
      const [page] = await client.ask(call, ctx, (bytes) => parseVersionPage(bytes, readField));
      return {
        versions: page.versions,
        prefixes: page.prefixes,
        next: page.isTruncated ? writePosition(lastPosition(page)) : undefined,
      };
    },
    async isEnabled(container, ctx) {
      const call = xmlCall(endpoint, 'GET', { container }, { query: ['versioning', ''] });
      const [root] = await client.ask(call, ctx, (bytes) => parseXml(bytes, 'the versioning of a bucket'));
      return textAt(root, 'Status') === 'Enabled';
    },
    async setEnabled(container, enabled, ctx) {
      const call = xmlCall(endpoint, 'PUT', { container }, { query: ['versioning', ''] });
      await client.send(withXml(call, versioningDocument(enabled)), ctx);
    },
  };
}

function lastPosition({ versions, prefixes }: S3VersionPage): { readonly key?: string; readonly id?: string } {
  const [version, prefix] = [versions.at(-1), prefixes.at(-1)];
  if (prefix !== undefined && (!version || compareBytes(prefix, version.key) > 0)) return { key: prefix };
  return version ? { key: version.key, id: version.versionId } : {};
}
