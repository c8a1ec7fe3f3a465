import { compareBytes, type VersionsGroup } from '@stowage/core/spi';
import {
  type ListPosition,
  parseVersionPage,
  parseXml,
  readPosition,
  type S3VersionPage,
  textAt,
  versioningDocument,
  writePosition,
} from '@stowage/http';
import { bucketSettingRequest, versionsRequest } from './requests.js';
import type { S3Service } from './s3-service.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html */
export function versionsGroup({ client }: S3Service): VersionsGroup {
  return {
    async list(container, request, ctx) {
      const after = request.token === undefined ? { key: request.startAfter } : readPosition(request.token);
      const markers = { key: after.key, version: 'id' in after ? after.id : undefined };
      const [page] = await client.ask(versionsRequest(container, request, markers), ctx, parseVersionPage);
      const next = page.isTruncated ? writePosition(lastPosition(page)) : undefined;
      return { versions: page.versions, prefixes: page.prefixes, next };
    },
    async isEnabled(container, ctx) {
      const request = bucketSettingRequest('GET', container, 'versioning');
      const [root] = await client.ask(request, ctx, (bytes) => parseXml(bytes, 'the versioning of a bucket'));
      return textAt(root, 'Status') === 'Enabled';
    },
    async setEnabled(container, enabled, ctx) {
      await client.send(bucketSettingRequest('PUT', container, 'versioning', versioningDocument(enabled)), ctx);
    },
  };
}

/** The last row of the page. The markers that Ceph and Swift send are not escaped, so that they cannot hold every key. */
function lastPosition({ versions, prefixes, nextKeyMarker, nextVersionIdMarker }: S3VersionPage): ListPosition {
  const [version, prefix] = [versions.at(-1), prefixes.at(-1)];
  if (prefix !== undefined && (!version || compareBytes(prefix, version.key) > 0)) return { key: prefix };
  return version ? { key: version.key, id: version.versionId } : { key: nextKeyMarker, id: nextVersionIdMarker };
}
