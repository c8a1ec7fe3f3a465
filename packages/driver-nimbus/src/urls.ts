import { type ObjectRef, StorageError, type UrlsGroup } from '@stowage/core/spi';
import type { NimbusService } from './service.js';
import { objectCall } from './requests.js';

/** The server knows no signed addresses. A plain one can be read where the access control of the collection allows it. */
export function urlsGroup({ client }: NimbusService): UrlsGroup {
  return {
    sign: () => Promise.reject(unsigned()),
    publicUrl: (ref: ObjectRef) => client.addresses.publicOrigin(ref.container) + objectCall('GET', ref).target,
  };
}

function unsigned(): StorageError {
  const message =
    'Nimbus.io has no signed URLs. Let everybody read the collection by its access control, and use publicUrl().';
  return new StorageError('unsupported', message);
}
