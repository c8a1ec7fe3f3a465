import { createHmac, timingSafeEqual } from 'node:crypto';
import type { DriverHost } from '../spi/context.js';
import type { UrlsGroup } from '../spi/groups.js';
import { checkNotAborted } from './errors.js';

/** Query names of a signed URL. All of them but the last are signed, in the order in which they stand. */
const SIGNATURE = 'signature';

/** What signs URLs and tells whether they still hold. */
export interface UrlSigner {
  readonly baseUrl: string;
  sign(url: URL): URL;
  /** True when this very URL was signed and its time is not over. */
  isValid(url: URL): boolean;
}

/** The key stands in the query: a path such as `/a/../b` would be rewritten by whoever reads the URL. */
export function addressOf(baseUrl: string, container: string, key?: string): URL {
  const url = new URL(`${baseUrl}/${encodeURIComponent(container)}`);
  if (key !== undefined) url.searchParams.set('key', key);
  return url;
}

export function createSigner(baseUrl: string, signingKey: string | Buffer, host: DriverHost): UrlSigner {
  const digest = (text: string): Buffer => createHmac('sha256', signingKey).update(text).digest();
  return {
    baseUrl,

    sign(url) {
      url.searchParams.set(SIGNATURE, digest(url.pathname + url.search).toString('base64url'));
      return url;
    },

    isValid(url) {
      const given = Buffer.from(url.searchParams.get(SIGNATURE) ?? '', 'base64url');
      const unsigned = new URL(url);
      unsigned.searchParams.delete(SIGNATURE);
      const wanted = digest(unsigned.pathname + unsigned.search);
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return false;
      return Number(url.searchParams.get('expires')) > host.nowMs();
    },
  };
}

/** Signs URLs that `handle` serves, without any request. */
export function createUrls(signer: UrlSigner, host: DriverHost): UrlsGroup {
  const { baseUrl } = signer;
  return {
    async sign(ref, { method, expiresInSeconds, contentType, response }, ctx) {
      checkNotAborted(ctx);
      const url = addressOf(baseUrl, ref.container, ref.key);
      const expiresAtMs = host.nowMs() + expiresInSeconds * 1000;
      const query = {
        version: ref.versionId,
        method,
        expires: String(expiresAtMs),
        contentType,
        responseContentType: response?.contentType,
        responseContentDisposition: response?.contentDisposition,
      };
      for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
      const headers = contentType === undefined ? {} : { 'content-type': contentType };
      return { url: signer.sign(url).href, method, headers, expiresAtMs };
    },

    publicUrl: ({ container, key }) => addressOf(baseUrl, container, key).href,
  };
}
