import type { CdnGroup, WebsiteGroup } from '../spi/groups.js';
import { checkNotAborted } from './errors.js';
import type { MemoryStore } from './store.js';
import { addressOf } from './urls.js';

const DEFAULT_TTL_SECONDS = 24 * 3600;

/** Serves a container as a web site: `handle` gives its index page for the container's own address. */
export function createWebsite(store: MemoryStore): WebsiteGroup {
  return {
    async enable(container, site, ctx) {
      checkNotAborted(ctx);
      store.container(container).website = { indexKey: site.indexKey, errorKey: site.errorKey };
    },

    async disable(container, ctx) {
      checkNotAborted(ctx);
      store.container(container).website = undefined;
    },
  };
}

/** Serves a container to anonymous readers, as a CDN does: `handle` then asks for no signature. */
export function createCdn(store: MemoryStore, baseUrl: string): CdnGroup {
  return {
    async containerUrl(container, ctx) {
      checkNotAborted(ctx);
      store.container(container);
      return addressOf(baseUrl, container).href;
    },

    async objectUrl(ref, ctx) {
      checkNotAborted(ctx);
      store.container(ref.container).find(ref);
      return addressOf(baseUrl, ref.container, ref.key).href;
    },

    async enableContainer(container, { ttlSeconds }, ctx) {
      checkNotAborted(ctx);
      store.container(container).cdnTtlSeconds = ttlSeconds ?? DEFAULT_TTL_SECONDS;
    },

    async disableContainer(container, ctx) {
      checkNotAborted(ctx);
      store.container(container).cdnTtlSeconds = undefined;
    },

    async purge({ container }, ctx) {
      checkNotAborted(ctx);
      store.container(container);
    },
  };
}
