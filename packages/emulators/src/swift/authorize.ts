import type { Call } from './call.js';
import { htmlError, SwiftError } from './errors.js';

/** Headers that only those see and set who own the account. */
export const OWNER_HEADERS: ReadonlySet<string> = new Set([
  'x-container-read',
  'x-container-write',
  'x-container-sync-key',
  'x-container-sync-to',
  'x-account-meta-temp-url-key',
  'x-account-meta-temp-url-key-2',
  'x-container-meta-temp-url-key',
  'x-container-meta-temp-url-key-2',
  'x-account-access-control',
]);

/** Whether the caller stands above accounts: the server itself, or who has the role `ResellerAdmin`. */
export function isReseller({ authority }: Call): boolean {
  if (authority.kind === 'session') return authority.session.project?.roles.includes('ResellerAdmin') === true;
  return authority.kind === 'system';
}

/** Whether the caller may do all things with the account. */
export function isOwner(call: Call): boolean {
  const { authority, account } = call;
  if (isReseller(call)) return true;
  return authority.kind === 'session' && authority.session.ownedAccounts.has(account);
}

/** Throws 401 for strangers and 403 for those who are known. `acl` is the container's list for what is to be done. */
export function authorize(call: Call, acl?: string): void {
  const { authority } = call;
  if (isOwner(call)) return;
  if (authority.kind === 'signed') {
    const isInside = authority.container === undefined || authority.container === call.container;
    if (authority.account === call.account && isInside) return;
    throw unauthorized(call);
  }
  const { referrers, groups } = parseAcl(acl ?? '');
  const isForAll = isReferrerAllowed(call.headers['referer'], referrers);
  if (isForAll && (call.object !== undefined || groups.includes('.rlistings'))) return;
  if (authority.kind !== 'session') throw unauthorized(call);
  if (groups.some((group) => authority.session.groups.has(group))) return;
  throw new SwiftError(403);
}

export function unauthorized({ account }: { readonly account: string }): SwiftError {
  return new SwiftError(401, undefined, { 'www-authenticate': `Swift realm="${encodeURIComponent(account)}"` });
}

function parseAcl(acl: string): { readonly referrers: readonly string[]; readonly groups: readonly string[] } {
  const entries = acl.split(',').filter((entry) => entry !== '');
  const referrers = entries.filter((entry) => entry.startsWith('.r:')).map((entry) => entry.slice(3));
  const groups = entries.filter((entry) => !entry.startsWith('.r:')).map((entry) => decodeGroup(entry));
  return { referrers, groups };
}

function decodeGroup(entry: string): string {
  try {
    return decodeURIComponent(entry);
  } catch {
    return entry;
  }
}

function isReferrerAllowed(referrer: string | undefined, list: readonly string[]): boolean {
  const host = URL.canParse(referrer ?? '') ? new URL(referrer ?? '').hostname : 'unknown';
  const isMeant = (name: string): boolean =>
    name === '*' || name === host || (name.startsWith('.') && host.endsWith(name));
  return list.reduce(
    (isAllowed, entry) => (entry.startsWith('-') ? isAllowed && !isMeant(entry.slice(1)) : isAllowed || isMeant(entry)),
    false,
  );
}

const REFERRER_NAMES = ['.r', '.ref', '.referer', '.referrer'];

/** An ACL as it is stored: without spaces, referrers as `.r:`. Throws 400 for what is none. */
export function cleanAcl(header: string, value: string): string {
  return value
    .split(',')
    .map((entry) => cleanEntry(header, entry.trim()))
    .filter((entry) => entry !== '')
    .join(',');
}

function cleanEntry(header: string, entry: string): string {
  const colon = entry.indexOf(':');
  const first = entry.slice(0, Math.max(0, colon)).trim();
  if (!first.startsWith('.')) return entry;
  if (!REFERRER_NAMES.includes(first)) throw htmlError(400, `Unknown designator '${first}' in ACL: '${entry}'`);
  if (header.includes('write')) throw htmlError(400, `Referrers not allowed in write ACL: '${entry}'`);
  const second = entry.slice(colon + 1).trim();
  const isDenied = second.startsWith('-');
  const name = isDenied ? second.slice(1).trim() : second;
  const host = name !== '*' && name.startsWith('*') ? name.slice(1).trim() : name;
  if (host === '' || host === '.')
    throw htmlError(400, `No host/domain value after referrer designation in ACL: '${entry}'`);
  return `.r:${isDenied ? '-' : ''}${host}`;
}
