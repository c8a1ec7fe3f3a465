import { type Answer, type Call, type Handler, isSuccess, type Layer, subCall, withoutQuotes } from './call.js';
import { htmlError, SwiftError } from './errors.js';

const META = 'x-object-sysmeta-symlink-target';
/** On links of the server's own, whose targets no client may name. */
export const HIDDEN_TARGET = 'x-object-sysmeta-allow-reserved-names';
const MAX_HOPS = 2;

/** Objects that stand for others: https://docs.openstack.org/swift/latest/middleware.html#symlink */
export const symlinks: Layer = async (call, next) => {
  if (call.object === undefined) return next(call);
  if (call.method === 'GET' || call.method === 'HEAD') {
    return call.query.get('symlink') === 'get' ? shown(await next(call)) : follow(call, next, 0, undefined);
  }
  if (call.method === 'PUT' && 'x-symlink-target' in call.headers) return putLink(call, next);
  return call.method === 'POST' ? postLink(call, next) : next(call);
};

function shown(answer: Answer): Answer {
  const headers = Object.entries(answer.headers).map(([name, value]) => [
    name.replace(/^x-object-sysmeta-symlink-/, 'x-symlink-'),
    value,
  ]);
  return { ...answer, headers: Object.fromEntries(headers) as Record<string, string> };
}

function pathOf({ account, container = '', object = '' }: Call): string {
  const parts = [container, ...object.split('/')].map((part) => encodeURIComponent(part));
  return `/v1/${account}/${parts.join('/')}`;
}

/** The call for what a link's headers name. */
function targetCall(call: Call, headers: Readonly<Record<string, string>>): Call {
  const [, container = '', object = ''] = /^([^/]+)\/(.*)$/s.exec(decodeURIComponent(headers[META] ?? '')) ?? [];
  const account = headers[`${META}-account`] ?? call.account;
  const isHidden = headers[HIDDEN_TARGET] === 'true';
  return { ...call, account, container, object, ...(isHidden && { authority: { kind: 'system' } }) };
}

async function follow(call: Call, next: Handler, hops: number, expected: string | undefined): Promise<Answer> {
  const answer = await next(call);
  const { headers } = answer;
  const found = headers[META] === undefined ? headers['etag'] : (headers[`${META}-etag`] ?? headers['etag']);
  const location = { 'content-type': 'text/plain', 'content-location': pathOf(call) };
  if (isSuccess(answer) && expected !== undefined && withoutQuotes(found ?? '') !== expected) {
    const text = mismatch(found ?? '', expected);
    throw new SwiftError(
      409,
      headers[META] === undefined ? text : 'X-Symlink-Target-Etag headers do not match',
      location,
    );
  }
  if (!isSuccess(answer) || headers[META] === undefined) {
    return hops === 0 ? answer : { ...answer, headers: { ...headers, 'content-location': pathOf(call) } };
  }
  const isHidden = headers[HIDDEN_TARGET] === 'true';
  if (hops >= MAX_HOPS && !isHidden)
    throw new SwiftError(409, `Too many levels of symbolic links, maximum allowed is ${String(MAX_HOPS)}`);
  return follow(targetCall(call, headers), next, hops + 1, headers[`${META}-etag`]);
}

const FORM = 'X-Symlink-Target header must be of the form <container name>/<object name>';

async function putLink(call: Call, next: Handler): Promise<Answer> {
  if ((call.body.length ?? 1) > 0) throw new SwiftError(400, 'Symlink requests require a zero byte body');
  const { 'x-symlink-target': _target, 'x-symlink-target-account': _account, ...rest } = call.headers;
  const { 'x-symlink-target-etag': given, ...kept } = rest;
  const named = namedTarget(call);
  const path = `/v1/${named[`${META}-account`] ?? call.account}/${named[META] ?? ''}`;
  if (given === undefined) {
    const headers = { 'content-type': 'application/symlink', ...kept, ...named };
    return next({ ...call, headers, listing: { symlink_path: path, ...call.listing } });
  }
  const etag = withoutQuotes(given);
  const target = await checkTarget(call, named, etag, next);
  const size = target.body.size;
  const facts = { [`${META}-etag`]: etag, [`${META}-bytes`]: String(size) };
  const headers = { 'content-type': target.headers['content-type'] ?? '', ...kept, ...named, ...facts };
  const listing = { symlink_etag: etag, symlink_bytes: size, symlink_path: path, ...call.listing };
  return next({ ...call, headers, listing });
}

/** What a link's headers say of its target. Throws for one that cannot be. */
function namedTarget({ headers, account: own, container = '', object = '' }: Call): Readonly<Record<string, string>> {
  const target = decodeURIComponent(headers['x-symlink-target'] ?? '');
  const account = headers['x-symlink-target-account'];
  if (target.startsWith('/')) throw new SwiftError(412, FORM);
  if (!/^[^/]+\/.+$/s.test(target)) throw htmlError(412, FORM);
  if (target === `${container}/${object}` && (account ?? own) === own)
    throw new SwiftError(400, 'Symlink cannot target itself');
  const encoded = encodeURIComponent(target).replaceAll('%2F', '/');
  return { [META]: encoded, ...(account !== undefined && { [`${META}-account`]: account }) };
}

async function checkTarget(
  call: Call,
  named: Readonly<Record<string, string>>,
  etag: string,
  next: Handler,
): Promise<Answer> {
  const target = targetCall(call, named);
  const head = await next(subCall(target, { method: 'HEAD' }));
  const location = { 'content-type': 'text/plain', 'content-location': pathOf(target) };
  if (head.status === 404) throw new SwiftError(409, 'X-Symlink-Target does not exist', location);
  if (!isSuccess(head)) throw new SwiftError(head.status);
  const found = head.headers['etag'] ?? '';
  if (withoutQuotes(found) === etag) return head;
  throw new SwiftError(409, mismatch(found, etag), location);
}

function mismatch(found: string, expected: string): string {
  return `Object Etag '${found}' does not match X-Symlink-Target-Etag header '${expected}'`;
}

/** Metadata is changed on the link all the same, and the caller is told where the target is. */
async function postLink(call: Call, next: Handler): Promise<Answer> {
  if ('x-symlink-target' in call.headers)
    throw new SwiftError(400, 'A PUT request is required to set a symlink target');
  const answer = await next(call);
  if (!isSuccess(answer)) return answer;
  const link = await next(subCall(call, { method: 'HEAD', authority: { kind: 'system' } }));
  if (link.headers[META] === undefined) return answer;
  const etag = link.headers[`${META}-etag`];
  const text = 'The requested POST was applied to a symlink. POST directly to the target to apply requested metadata.';
  throw new SwiftError(307, text, {
    'content-type': 'text/html; charset=UTF-8',
    location: `/v1/${link.headers[`${META}-account`] ?? call.account}/${link.headers[META]}`,
    ...(etag !== undefined && { 'x-symlink-target-etag': etag }),
    ...(link.headers[HIDDEN_TARGET] !== undefined && { [HIDDEN_TARGET]: 'true' }),
  });
}
