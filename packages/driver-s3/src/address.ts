import { escapePath, escapeUri } from '@stowage/http';
import { isIP } from 'node:net';
import { refuse, type S3Options } from './options.js';

/** Where requests of a bucket go. */
export interface BucketAddress {
  /** Scheme and authority. */
  readonly origin: string;
  /** Begins every path: the endpoint's own, and the bucket's where it stands in the path. Ends without a slash. */
  readonly basePath: string;
}

/** Names that can be a part of a host name and of a wildcard certificate. */
const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/;

interface Place {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

/** Finds the origin and path of every bucket, for one endpoint and whichever region a bucket turns out to be in. */
export class Addresses {
  /** Host name without port. */
  readonly hostName: string;
  readonly #options: S3Options;
  readonly #custom: Place | undefined;
  readonly #known = new Map<string, BucketAddress>();

  constructor(options: S3Options) {
    this.#options = options;
    this.#custom = customPlace(options);
    this.hostName = (this.#custom ?? this.#amazon(this.region)).host.toLowerCase();
  }

  get region(): string {
    return this.#options.region ?? 'us-east-1';
  }

  /** True when the service is Amazon's own, so that the host follows from the region. */
  get isAmazon(): boolean {
    return this.#custom === undefined || /(^|\.)amazonaws\.com(\.cn)?$/.test(this.hostName);
  }

  /** The service itself, for calls without a bucket. */
  service(): BucketAddress {
    const place = this.#custom ?? this.#amazon(this.region);
    return { origin: originOf(place), basePath: place.path };
  }

  /** The same for every call, so that its text is made once per bucket and region. */
  bucket(name: string, region: string): BucketAddress {
    const id = `${region}/${name}`;
    const known = this.#known.get(id);
    if (known) return known;
    if (this.#known.size >= 1000) this.#known.clear();
    const address = this.#make(name, region);
    this.#known.set(id, address);
    return address;
  }

  #make(name: string, region: string): BucketAddress {
    const place = this.#custom ?? this.#amazon(region);
    if (this.#usesPath(name, place)) return { origin: originOf(place), basePath: `${place.path}/${escapeUri(name)}` };
    return { origin: originOf({ ...place, host: `${name}.${place.host}` }), basePath: place.path };
  }

  /** A dot in a bucket's name breaks the wildcard certificate; an IP address and `localhost` have no subdomains. */
  #usesPath(name: string, place: Place): boolean {
    const { pathStyle, accelerate } = this.#options;
    const fits = HOST_LABEL.test(name);
    if (accelerate === true) {
      if (!fits) refuse(`Transfer Acceleration needs a bucket name without dots and capitals, not "${name}".`);
      return false;
    }
    if (pathStyle !== undefined) return pathStyle || !fits;
    return !fits || !this.isAmazon || isIP(place.host) !== 0;
  }

  #amazon(region: string): Place {
    const { accelerate, dualStack } = this.#options;
    if (!/^[a-z0-9-]+$/.test(region)) refuse(`"region" holds letters, digits and "-", not "${region}".`);
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    const dual = dualStack === true ? 'dualstack.' : '';
    const host = accelerate === true ? `s3-accelerate.${dual}${suffix}` : `s3.${dual}${region}.${suffix}`;
    return { scheme: 'https', host, port: '', path: '' };
  }
}

/** The path of an object below its bucket. Nothing is normalised. */
export function objectPath(address: BucketAddress, key: string): string {
  return `${address.basePath}/${escapePath(key)}`;
}

function originOf({ scheme, host, port }: Place): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `${scheme}://${name}${port === '' ? '' : `:${port}`}`;
}

function customPlace({ endpoint, host, port, secure }: S3Options): Place | undefined {
  if (endpoint !== undefined) return parseEndpoint(endpoint);
  if (host === undefined) return undefined;
  if (/^[a-z]+:\/\//i.test(host)) return parseEndpoint(host);
  const scheme = secure === false ? 'http' : 'https';
  return parseEndpoint(`${scheme}://${host}${port === undefined ? '' : `:${String(port)}`}`);
}

function parseEndpoint(text: string): Place {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    !url ||
    (url.protocol !== 'http:' && url.protocol !== 'https:') ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  ) {
    refuse(
      `The endpoint must be an address such as "https://storage.example.com:9000", without user and query; it is "${text.replace(/\/\/[^@/]*@/, '//***@')}".`,
    );
  }
  const scheme = url.protocol === 'http:' ? 'http' : 'https';
  return { scheme, host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port, path: url.pathname.replace(/\/+$/, '') };
}
