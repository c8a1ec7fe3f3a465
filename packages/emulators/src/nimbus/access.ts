import type { EmulatedRequest } from '../http-request.js';

export type Access = 'read' | 'write' | 'list' | 'delete';

interface Overrides {
  readonly allow_unauth_read?: boolean;
  readonly allow_unauth_write?: boolean;
  readonly allow_unauth_list?: boolean;
  readonly allow_unauth_delete?: boolean;
}

export interface AccessControl extends Overrides {
  readonly version?: string;
  readonly ipv4_whitelist?: readonly string[];
  readonly unauth_referrer_whitelist?: readonly string[];
  readonly locations?: readonly (Overrides & { readonly prefix?: string; readonly regexp?: string })[];
}

const BOOLEANS = ['allow_unauth_read', 'allow_unauth_write', 'allow_unauth_list', 'allow_unauth_delete'];
const LISTS = ['ipv4_whitelist', 'unauth_referrer_whitelist'];
const MAX_BYTES = 16 * 1024;

/** Reads an access control document. A list of what is wrong with it instead, if anything is. */
export function parseAccessControl(body: Buffer): AccessControl | readonly string[] {
  if (body.length > MAX_BYTES) return ['too large'];
  let document: unknown;
  try {
    document = JSON.parse(body.toString());
  } catch {
    return ['unable to parse JSON'];
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return ['not a dictionary'];
  const errors = Object.entries(document).flatMap(([name, value]) => faultsOf(name, value));
  if (!('version' in document)) errors.push('missing version');
  return errors.length > 0 ? errors : document;
}

function faultsOf(name: string, value: unknown): string[] {
  if (name === 'version') return value === '1.0' ? [] : ['unknown version'];
  if (BOOLEANS.includes(name))
    return typeof value === 'boolean' || typeof value === 'number' ? [] : [`${name} is no boolean`];
  if (LISTS.includes(name)) {
    return value === null || (Array.isArray(value) && value.every((item) => typeof item === 'string'))
      ? []
      : [`${name} is no list`];
  }
  if (name !== 'locations') return [`unknown key ${name}`];
  if (value === null) return [];
  if (!Array.isArray(value)) return ['locations is no list'];
  return value.flatMap((entry: Record<string, unknown>) => {
    const rest = Object.keys(entry).filter((key) => key !== 'prefix' && key !== 'regexp');
    const unknown = rest.filter((key) => !BOOLEANS.includes(key) || key === 'allow_unauth_list');
    return 'prefix' in entry === 'regexp' in entry ? ['a location needs prefix or regexp'] : unknown;
  });
}

export type Verdict = 'allowed' | 'needs-credentials' | 'forbidden';

/** Decides about a request. The lists bind also who is authenticated. Throws for a `null` where a list should be. */
export function judge(
  control: AccessControl | null,
  access: Access,
  request: EmulatedRequest,
  isAuthenticated: boolean,
): Verdict {
  if (control === null) return isAuthenticated ? 'allowed' : 'needs-credentials';
  if (control.version !== '1.0') return 'forbidden';
  if (control.ipv4_whitelist !== undefined && !isListed(control.ipv4_whitelist, request)) return 'forbidden';
  const referrers = control.unauth_referrer_whitelist;
  if (referrers !== undefined && !referrers.some((prefix) => referrerOf(request).startsWith(prefix.toLowerCase())))
    return 'forbidden';
  if (isAuthenticated) return 'allowed';
  const allowed = locationOf(control, request)?.[`allow_unauth_${access}`] ?? control[`allow_unauth_${access}`];
  return allowed ? 'allowed' : 'needs-credentials';
}

function isListed(networks: readonly string[], request: EmulatedRequest): boolean {
  const address = toNumber((request.incoming.socket.remoteAddress ?? '').replace('::ffff:', ''));
  return networks.some((network) => {
    const [base = '', bits = '32'] = network.split('/');
    const shift = 32 - Number(bits);
    return Math.floor(address / 2 ** shift) === Math.floor(toNumber(base) / 2 ** shift);
  });
}

function toNumber(ipv4: string): number {
  return ipv4.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function referrerOf({ headers }: EmulatedRequest): string {
  const referrer = headers['referer'];
  if (referrer === undefined || !URL.canParse(referrer)) return '';
  const { host, pathname } = new URL(referrer);
  return `${host}${pathname}`.toLowerCase();
}

function locationOf(control: AccessControl, { rawPath }: EmulatedRequest): Overrides | undefined {
  const path = rawPath.toLowerCase().replace(/^\//, '');
  return control.locations?.find(({ prefix, regexp }) =>
    prefix === undefined
      ? new RegExp(`^(?:${regexp ?? ''})`, 'i').test(path)
      : path.startsWith(prefix.toLowerCase().replace(/^\//, '')),
  );
}
