import { createHmac } from 'node:crypto';
import { httpDate, type KeyPair, type SignableRequest } from '@stowage/http';

/** Parameters that are part of what is signed. */
const SUB_RESOURCES: ReadonlySet<string> = new Set([
  ...['acl', 'billing', 'compose', 'cors', 'defaultObjectAcl', 'delete', 'encryption', 'generation', 'iam'],
  ...['lifecycle', 'location', 'logging', 'partNumber', 'policy', 'requestPayment', 'response-cache-control'],
  ...['response-content-disposition', 'response-content-encoding', 'response-content-language'],
  ...['response-content-type', 'response-expires', 'storageClass', 'tagging', 'torrent', 'uploadId', 'uploads'],
  ...['upload_id', 'userProject', 'versionId', 'versioning', 'versions', 'website'],
]);

/**
 * Signs as Google's first version did: adds `date` and `authorization` to `request.headers`, in place.
 * https://cloud.google.com/storage/docs/aws-simple-migration
 */
export function signGoog1(request: SignableRequest, keys: KeyPair, nowMs: number): void {
  const { headers } = request;
  headers.push('date', httpDate(nowMs));
  const signature = goog1Signature(request, keys.secretAccessKey);
  headers.push('authorization', `GOOG1 ${keys.accessKeyId}:${signature}`);
}

/** The signature of a request whose headers are complete, in base64. */
export function goog1Signature(request: SignableRequest, secret: string): string {
  const { method, headers, path } = request;
  const value = (name: string): string => {
    const at = headers.findIndex((text, index) => index % 2 === 0 && text === name);
    return at === -1 ? '' : (headers[at + 1] as string);
  };
  const date = headers.includes('x-goog-date') ? '' : value('date');
  const lines = [method, value('content-md5'), value('content-type'), date].join('\n');
  const text = `${lines}\n${extensionHeaders(headers)}${resource(path)}`;
  return createHmac('sha1', secret).update(text, 'latin1').digest('base64');
}

function extensionHeaders(headers: readonly string[]): string {
  const found = new Map<string, string>();
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    // The customer's key itself is never part of what is signed.
    if (!name.startsWith('x-goog-') || name.startsWith('x-goog-encryption-key')) continue;
    const value = (headers[at + 1] as string).replace(/\r?\n\s+/g, ' ');
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before},${value}`);
  }
  return [...found.keys()]
    .sort()
    .map((name) => `${name}:${found.get(name) as string}\n`)
    .join('');
}

/** The path as it is sent, and those parameters that name something else than the object itself, decoded. */
function resource(path: string): string {
  const [own = '', query = ''] = path.split('?', 2);
  const signed = query
    .split('&')
    .map((pair) => pair.split('=', 2) as [string, string?])
    .filter(([name]) => SUB_RESOURCES.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value = '']) => (value === '' ? name : `${name}=${decodeURIComponent(value)}`));
  return signed.length === 0 ? own : `${own}?${signed.join('&')}`;
}
