import type { VersionsGroup } from '@stowage/core/spi';
import { parseVersionPage, parseXml, textAt } from '@stowage/http';
import { bucketSettingRequest, versionsRequest } from './requests.js';
import type { S3Service } from './s3-service.js';

interface Markers {
  readonly key?: string | undefined;
  readonly version?: string | undefined;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html */
export function versionsGroup({ client }: S3Service): VersionsGroup {
  return {
    async list(container, request, ctx) {
      const markers =
        request.token === undefined ? { key: request.startAfter } : (JSON.parse(request.token) as Markers);
      const page = parseVersionPage((await client.send(versionsRequest(container, request, markers), ctx)).bytes);
      const next = { key: page.nextKeyMarker, version: page.nextVersionIdMarker };
      return {
        versions: page.versions,
        prefixes: page.prefixes,
        next: page.isTruncated ? JSON.stringify(next) : undefined,
      };
    },
    async isEnabled(container, ctx) {
      const response = await client.send(bucketSettingRequest('GET', container, 'versioning'), ctx);
      return textAt(parseXml(response.bytes, 'the versioning of a bucket'), 'Status') === 'Enabled';
    },
    async setEnabled(container, enabled, ctx) {
      const status = enabled ? 'Enabled' : 'Suspended';
      const xml = `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>${status}</Status></VersioningConfiguration>`;
      await client.send(bucketSettingRequest('PUT', container, 'versioning', xml), ctx);
    },
  };
}
