import { hmacSigner, type SignText } from '@stowage/http';

/** What a signature covers. */
export interface Signable {
  readonly method: string;
  /** Path from `/rest` on, not percent-encoded, without what a service puts before it. */
  readonly resource: string;
  /** Without `?`; empty for none. */
  readonly query: string;
  readonly contentType?: string | undefined;
  readonly range?: string | undefined;
  readonly date?: string | undefined;
  /** Names that begin with `x-emc-`, in lower case, and values in turn. */
  readonly emcHeaders: readonly string[];
}

/** One line for a header: the value without newlines, outer spaces and doubled ones. */
function headerLine(name: string, value: string): string {
  if (!/^ |\s$|\n| {2}/.test(value)) return `${name}:${value}`;
  return `${name}:${value.replaceAll('\n', '').replaceAll(/ {2,}/g, ' ').trim()}`;
}

/** The canonical form of a request. The path goes in decoded and in lower case; the query is in lower case as it is sent. */
export function stringToSign({ method, resource, query, contentType, range, date, emcHeaders }: Signable): string {
  const places: number[] = [];
  for (let at = 0; at < emcHeaders.length; at += 2) places.push(at);
  places.sort((a, b) => ((emcHeaders[a] as string) < (emcHeaders[b] as string) ? -1 : 1));
  const lines = places.map((at) => headerLine(emcHeaders[at] as string, emcHeaders[at + 1] as string)).join('\n');
  const path = resource.toLowerCase() + (query === '' ? '' : `?${query}`);
  return `${method}\n${contentType ?? ''}\n${range ?? ''}\n${date ?? ''}\n${path}\n${lines}`;
}

/** What is signed in a shareable URL. */
export function urlToSign(resource: string, uid: string, expires: string, disposition: string | undefined): string {
  const lines = ['GET', resource.toLowerCase(), uid, expires];
  if (disposition !== undefined) lines.push(disposition);
  return lines.join('\n');
}

/** HMAC-SHA1, base64. */
export function textSigner(secret: Buffer): SignText {
  return hmacSigner(secret, { digest: 'sha1', text: 'utf8', signature: 'base64' });
}
