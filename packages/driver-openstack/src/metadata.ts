import { type MetadataGroup, StorageError } from '@stowage/core/spi';
import type { WireResponse } from '@stowage/http';
import { addAttributes, objectCall, statRequest, utf8Header } from './requests.js';
import type { SwiftService } from './swift-service.js';
import { toObjectRecord } from './wire.js';

/** What a POST drops unless it is sent again; without its manifest a dynamic large object would become an empty one. */
const KEPT = ['expires', 'x-robots-tag', 'x-delete-at', 'x-object-manifest'] as const;

/**
 * Swift's POST replaces all that is stored beside the bytes, so that it is read, changed and written:
 * https://docs.openstack.org/api-ref/object-store/#create-or-update-object-metadata
 */
export function metadataGroup({ wire }: SwiftService): MetadataGroup {
  return {
    async update(ref, { ifMatch, ...change }, ctx) {
      if (ifMatch !== undefined) throw unsupported('Swift changes metadata without conditions; remove "ifMatch".');
      if (ref.versionId !== undefined) throw unsupported('Swift changes metadata of the current version only.');
      const response = await wire.send(statRequest(ref, {}, []), ctx);
      refuseLink(response);
      const { modifiedAtMs: _old, ...record } = toObjectRecord(ref.key, response);
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      const merged = { ...record, ...given };
      const headers = KEPT.flatMap((name) => {
        const value = response.header(name);
        return value === undefined ? [] : [name, utf8Header(value)];
      });
      addAttributes(headers, merged);
      await wire.send(objectCall('POST', ref, '', headers), ctx);
      return merged;
    },
  };
}

/** A POST to a link changes the link, and is sent on to what it points to by nobody. */
function refuseLink(response: WireResponse): void {
  const target = response.header('content-location');
  if (target === undefined) return;
  throw unsupported(`The object is a symbolic link; change the metadata of what it points to (${target}).`);
}

function unsupported(message: string): StorageError {
  return new StorageError('unsupported', message, { requestSent: false });
}
