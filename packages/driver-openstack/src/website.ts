import type { WebsiteGroup } from '@stowage/core/spi';
import { containerCall, utf8Header } from './requests.js';
import type { SwiftService } from './swift-service.js';

/** https://docs.openstack.org/swift/latest/middleware.html#staticweb: visitors must also be allowed to read the container. */
export function websiteGroup({ wire }: SwiftService): WebsiteGroup {
  return {
    async enable(container, { indexKey, errorKey }, ctx) {
      const headers = ['x-container-meta-web-index', utf8Header(indexKey)];
      headers.push('x-container-meta-web-error', errorKey === undefined ? '' : utf8Header(suffixOf(errorKey)));
      await wire.send(containerCall('POST', container, '', headers), ctx);
    },
    async disable(container, ctx) {
      const headers = ['x-container-meta-web-index', '', 'x-container-meta-web-error', ''];
      await wire.send(containerCall('POST', container, '', headers), ctx);
    },
  };
}

/** Swift puts the status before the name: of `404.html` it is told `.html`, of `error.html` it makes `404error.html`, as Libcloud does. */
function suffixOf(errorKey: string): string {
  return errorKey.startsWith('404') ? errorKey.slice(3) : errorKey;
}
