import { createHash } from 'node:crypto';
import { Bytes } from './bytes.js';
import { type Answer, type Call, emptyAnswer } from './call.js';
import { isOwner, unauthorized } from './authorize.js';
import { SwiftError } from './errors.js';

interface Published {
  readonly name: string;
  isEnabled: boolean;
  ttl: number;
  logsKept: boolean;
}

const [MIN_TTL, DEFAULT_TTL, MAX_TTL] = [900, 259_200, 31_536_000];
const PURGES_PER_DAY = 25;
const DAY_MS = 86_400_000;

/** Rackspace's CDN management, which shares paths and verbs with storage but has hosts of its own. */
export class CdnManagement {
  readonly #published = new Map<string, Published>();
  /** When each account purged. */
  readonly #purges = new Map<string, number[]>();
  /** Paths such as `MossoCloudFS_aaa/images/a.jpg` that were purged, in turn. */
  readonly purged: string[] = [];

  serve(call: Call): Answer {
    if (!isOwner(call)) throw call.authority.kind === 'session' ? new SwiftError(403) : unauthorized(call);
    if (call.container === undefined) return this.#list(call);
    if (call.object !== undefined) return this.#purge(call);
    const key = `${call.account}/${call.container}`;
    switch (call.method) {
      case 'PUT':
        return this.#enable(call, key);
      case 'POST':
        return this.#change(call, this.#find(key));
      case 'HEAD':
        return emptyAnswer(204, headersOf(key, this.#find(key)));
      case 'DELETE':
        return this.#remove(call, key);
      default:
        throw new SwiftError(405, undefined, { allow: 'DELETE, HEAD, POST, PUT' });
    }
  }

  #find(key: string): Published {
    const published = this.#published.get(key);
    if (!published) throw new SwiftError(404);
    return published;
  }

  #enable(call: Call, key: string): Answer {
    const known = this.#published.get(key);
    const published = known ?? { name: call.container ?? '', isEnabled: true, ttl: DEFAULT_TTL, logsKept: false };
    apply(published, call.headers);
    this.#published.set(key, published);
    return emptyAnswer(known ? 202 : 201, headersOf(key, published));
  }

  #change(call: Call, published: Published): Answer {
    apply(published, call.headers);
    return emptyAnswer(202, headersOf(`${call.account}/${published.name}`, published));
  }

  #remove(call: Call, key: string): Answer {
    this.#find(key);
    if (call.headers['x-remove-cdn-container'] !== 't') throw new SwiftError(403);
    this.#published.delete(key);
    return emptyAnswer(204);
  }

  #purge({ account, container = '', object = '', method, site }: Call): Answer {
    if (method !== 'DELETE') throw new SwiftError(405, undefined, { allow: 'DELETE' });
    if (!this.#find(`${account}/${container}`).isEnabled) throw new SwiftError(403);
    const since = site.nowMs() - DAY_MS;
    const recent = (this.#purges.get(account) ?? []).filter((timeMs) => timeMs > since);
    if (recent.length >= PURGES_PER_DAY) throw new SwiftError(498, 'Purge limit exceeded');
    this.#purges.set(account, [...recent, site.nowMs()]);
    this.purged.push(`${account}/${container}/${object}`);
    return emptyAnswer(204);
  }

  #list({ account, method, query }: Call): Answer {
    if (method !== 'GET') throw new SwiftError(405, undefined, { allow: 'GET' });
    const [marker, end] = [query.get('marker') ?? '', query.get('end_marker') ?? ''];
    const isShown = ({ name, isEnabled }: Published): boolean =>
      name > marker && (end === '' || name < end) && (isEnabled || query.get('enabled_only') !== 'true');
    const found = [...this.#published]
      .filter(([key, published]) => key.startsWith(`${account}/`) && isShown(published))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .slice(0, Number(query.get('limit') ?? 10_000));
    if (query.get('format') === 'json') {
      const body = JSON.stringify(found.map(([key, published]) => rowOf(key, published)));
      return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: Bytes.of(body) };
    }
    if (found.length === 0) return emptyAnswer(204);
    const body = found.map(([, { name }]) => `${name}\n`).join('');
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Bytes.of(body) };
  }
}

function apply(published: Published, headers: Readonly<Record<string, string>>): void {
  const { 'x-ttl': ttl, 'x-cdn-enabled': enabled, 'x-log-retention': logs } = headers;
  if (ttl !== undefined && (!/^\d+$/.test(ttl) || Number(ttl) < MIN_TTL || Number(ttl) > MAX_TTL))
    throw new SwiftError(400, `X-TTL must be between ${String(MIN_TTL)} and ${String(MAX_TTL)}`);
  published.ttl = ttl === undefined ? published.ttl : Number(ttl);
  published.isEnabled = enabled === undefined ? published.isEnabled : enabled.toLowerCase() === 'true';
  published.logsKept = logs === undefined ? published.logsKept : logs.toLowerCase() === 'true';
}

/** Addresses of a published container; their form is Rackspace's business and has changed before. */
function urisOf(key: string): Readonly<Record<string, string>> {
  const id = createHash('sha256').update(key).digest('hex').slice(0, 40);
  return {
    'X-Cdn-Uri': `http://${id.slice(0, 32)}.r12.cf2.rackcdn.com`,
    'X-Cdn-Ssl-Uri': `https://${id.slice(0, 32)}.ssl.cf2.rackcdn.com`,
    'X-Cdn-Streaming-Uri': `http://${id.slice(0, 32)}.r12.stream.cf2.rackcdn.com`,
    'X-Cdn-Ios-Uri': `http://${id.slice(0, 32)}.iosr.cf2.rackcdn.com`,
  };
}

function headersOf(key: string, { isEnabled, ttl, logsKept }: Published): Record<string, string> {
  const uris = Object.entries(urisOf(key)).map(([name, uri]) => [name.toLowerCase(), uri]);
  return {
    ...(Object.fromEntries(uris) as Record<string, string>),
    'x-cdn-enabled': isEnabled ? 'True' : 'False',
    'x-ttl': String(ttl),
    'x-log-retention': logsKept ? 'True' : 'False',
  };
}

/** Rackspace mixes two ways to spell names, and so does the emulator. */
function rowOf(key: string, { name, isEnabled, ttl, logsKept }: Published): object {
  return { name, cdn_enabled: isEnabled, ttl, log_retention: logsKept, ...urisOf(key) };
}
