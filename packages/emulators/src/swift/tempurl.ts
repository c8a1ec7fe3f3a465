import { BlockList, isIP } from 'node:net';
import { type Answer, type Call, isSuccess, type Layer } from './call.js';
import { htmlError, SwiftError } from './errors.js';
import { titleCase } from './metadata.js';
import { quote } from './report.js';
import { isSignatureOf, parseDigest, type ScopedKey, signingKeys } from './signed.js';

/** Signed URLs: https://docs.openstack.org/swift/latest/api/temporary_url_middleware.html */
export const temporaryUrls: Layer = async (call, next) => {
  const { query, method } = call;
  const isSigned = query.has('temp_url_sig') || query.has('temp_url_expires');
  if (!isSigned || method === 'OPTIONS') return next(call);
  const expires = parseExpiry(query.get('temp_url_expires'));
  const key = call.object === undefined || expires <= call.site.nowMs() / 1000 ? undefined : keyOf(call, expires);
  if (!key) throw invalid();
  checkHeaders(call);
  const authority = { kind: 'signed', account: call.account, container: key.container } as const;
  const answer = await next({ ...call, authority, query: new Map(), headers: withoutToken(call.headers) });
  const isRead = method === 'GET' || method === 'HEAD';
  const shown = withoutPrivate(answer);
  return isRead && isSuccess(answer) ? withDisposition(shown, call, expires) : shown;
};

function invalid(): SwiftError {
  return new SwiftError(401, '401 Unauthorized: Temp URL invalid\n', {
    'content-type': 'text/html; charset=UTF-8',
    'www-authenticate': 'Swift realm="unknown"',
  });
}

/** Seconds since 1970, given as such or as a time of day; 0 for neither. */
function parseExpiry(text = ''): number {
  if (/^\d+$/.test(text)) return Number(text);
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ?)?$/.test(text);
  return isTime ? Date.parse(text.endsWith('Z') || !text.includes('T') ? text : `${text}Z`) / 1000 : 0;
}

/** The key with which the request's URL was signed. */
function keyOf(call: Call, expires: number): ScopedKey | undefined {
  const { query, method, account, container = '', object = '' } = call;
  const digest = parseDigest(query.get('temp_url_sig') ?? '');
  const range = query.get('temp_url_ip_range');
  if (!digest || (range !== undefined && !isWithin(call.client.address, range))) return undefined;
  const prefix = query.get('temp_url_prefix');
  if (prefix !== undefined && !object.startsWith(prefix)) return undefined;
  const path =
    prefix === undefined ? `/v1/${account}/${container}/${object}` : `prefix:/v1/${account}/${container}/${prefix}`;
  const methods = method === 'HEAD' ? ['HEAD', 'GET', 'POST', 'PUT'] : [method];
  const lead = range === undefined ? '' : `ip=${range}\n`;
  const texts = methods.map((name) => `${lead}${name}\n${String(expires)}\n${path}`);
  return signingKeys(call).find(({ key }) => texts.some((text) => isSignatureOf(digest, text, key)));
}

function isWithin(address: string, range: string): boolean {
  const [network = '', bits] = range.split('/');
  const client = address.replace(/^::ffff:/, '');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0) return false;
  const list = new BlockList();
  if (bits === undefined) list.addAddress(network, family);
  else list.addSubnet(network, Number(bits), family);
  return list.check(client, isIP(client) === 6 ? 'ipv6' : 'ipv4');
}

const NOT_BY_STRANGERS = ['x-object-manifest', 'x-symlink-target'];

/** Whoever has a URL to write with may not make it read something else. */
function checkHeaders({ method, headers }: Call): void {
  if (method === 'GET' || method === 'HEAD') return;
  const found = NOT_BY_STRANGERS.find((name) => name in headers);
  if (found !== undefined) throw htmlError(400, `The header '${titleCase(found)}' is not allowed in this tempurl`);
}

function withoutToken({
  'x-auth-token': _token,
  ...headers
}: Readonly<Record<string, string>>): Record<string, string> {
  return headers;
}

function withoutPrivate(answer: Answer): Answer {
  const isPrivate = (name: string): boolean =>
    name.startsWith('x-object-meta-') && !name.startsWith('x-object-meta-public-');
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !isPrivate(name)));
  return { ...answer, headers };
}

function withDisposition(answer: Answer, { query, object = '' }: Call, expires: number): Answer {
  const filename = query.get('filename') ?? '';
  const name = object.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const kept = answer.headers['content-disposition'];
  const inline = filename === '' ? 'inline' : named('inline', filename);
  const attachment = filename === '' ? (kept ?? named('attachment', name)) : named('attachment', filename);
  const disposition = query.has('inline') ? inline : attachment;
  const expiry = new Date(expires * 1000).toUTCString();
  return { ...answer, headers: { ...answer.headers, 'content-disposition': disposition, expires: expiry } };
}

function named(type: string, filename: string): string {
  return `${type}; filename="${quote(filename).replaceAll('%20', ' ')}"; filename*=UTF-8''${quote(filename)}`;
}
