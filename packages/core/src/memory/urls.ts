import type { DriverHost } from '../spi/context.js';
import type { SignedUrl, UrlMethod, UrlsGroup } from '../spi/groups.js';
import { checkNotAborted } from './errors.js';
import { writeForm } from './forms.js';
import type { Signer } from './signer.js';

/** The key stands in the query: a path such as `/a/../b` would be rewritten by whoever reads the URL. */
export function addressOf(baseUrl: string, container: string, key?: string): URL {
  const url = new URL(`${baseUrl}/${encodeURIComponent(container)}`);
  if (key !== undefined) url.searchParams.set('key', key);
  return url;
}

/** True when this very URL was signed and its time is not over. */
export function isSigned(url: URL, signer: Signer): boolean {
  const unsigned = new URL(url);
  const signature = unsigned.searchParams.get('signature') ?? '';
  unsigned.searchParams.delete('signature');
  return signer.isValid(unsigned.pathname + unsigned.search, signature, Number(url.searchParams.get('expires')));
}

/** Signs URLs and forms that `handle` serves, without any request. */
export function createUrls(baseUrl: string, signer: Signer, host: DriverHost): UrlsGroup {
  const endOf = (seconds: number): number => host.nowMs() + seconds * 1000;

  /** Adds facts to an address and signs the whole. */
  function signed(
    url: URL,
    method: UrlMethod,
    expiresAtMs: number,
    facts: Readonly<Record<string, string | undefined>>,
  ): SignedUrl {
    url.searchParams.set('method', method);
    url.searchParams.set('expires', String(expiresAtMs));
    for (const [name, value] of Object.entries(facts)) if (value !== undefined) url.searchParams.set(name, value);
    url.searchParams.set('signature', signer.sign(url.pathname + url.search));
    const headers = facts['contentType'] === undefined ? {} : { 'content-type': facts['contentType'] };
    return { url: url.href, method, headers, expiresAtMs };
  }

  return {
    async sign(ref, { method, expiresInSeconds, contentType, response }, ctx) {
      checkNotAborted(ctx);
      return signed(addressOf(baseUrl, ref.container, ref.key), method, endOf(expiresInSeconds), {
        version: ref.versionId,
        contentType,
        responseContentType: response?.contentType,
        responseContentDisposition: response?.contentDisposition,
      });
    },

    async signPart({ ref, uploadId }, { number, expiresInSeconds }, ctx) {
      checkNotAborted(ctx);
      const url = addressOf(baseUrl, ref.container, ref.key);
      return signed(url, 'PUT', endOf(expiresInSeconds), { uploadId, part: String(number) });
    },

    async signForm(ref, request, ctx) {
      checkNotAborted(ctx);
      const url = addressOf(baseUrl, ref.container).href;
      return writeForm(url, signer, ref, request, endOf(request.expiresInSeconds));
    },

    publicUrl: ({ container, key }) => addressOf(baseUrl, container, key).href,
  };
}
