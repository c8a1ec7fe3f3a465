import { isIP } from 'node:net';
import { escapePath, escapeUri, originOf, type Place, readPlace } from '@stowage/http';
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
const AMAZON_HOST = /(^|\.)amazonaws\.com(\.cn)?$/;
/** Hosts that bear the region, such as `s3.eu-west-1.amazonaws.com` and the older `s3-eu-west-1.amazonaws.com`. */
const REGIONAL_HOST =
  /^s3[.-](?:dualstack\.)?([a-z]{2,}(?:-[a-z0-9]+)+)\.(?:amazonaws\.com(?:\.cn)?|backblazeb2\.com|wasabisys\.com|scw\.cloud)$/;
const MAX_KNOWN = 1000;

/** Finds the origin and path of every bucket, for one endpoint and whichever region a bucket turns out to be in. */
export class Addresses {
  /** Region that requests are signed for until a bucket tells of another. */
  readonly region: string;
  /** Host name of the service, without port. */
  readonly hostName: string;
  readonly #options: S3Options;
  readonly #custom: Place | undefined;
  /** By region and name. */
  readonly #known = new Map<string, Map<string, BucketAddress>>();
  #usesHosts = false;

  constructor(options: S3Options) {
    this.#options = options;
    this.#custom = readPlace(options);
    this.region = options.region ?? REGIONAL_HOST.exec(this.#custom?.host ?? '')?.[1] ?? 'us-east-1';
    this.hostName = (this.#custom ?? this.#amazon(this.region)).host;
    this.#usesHosts = this.isAmazon;
  }

  /** True when the service is Amazon's own. */
  get isAmazon(): boolean {
    return this.#custom === undefined || AMAZON_HOST.test(this.#custom.host);
  }

  /** Says that the service wants buckets as host names. */
  preferHosts(): void {
    this.#usesHosts = true;
  }

  /** The service itself, for calls without a bucket. */
  service(): BucketAddress {
    const place = this.#placeIn(this.region);
    return { origin: originOf(place), basePath: place.path };
  }

  /** The same for every call, so that its text is made once per bucket and region. */
  bucket(name: string, region: string): BucketAddress {
    const known = this.#known.get(region)?.get(name);
    if (known) return known;
    const address = this.#make(name, region);
    const ofRegion = this.#known.get(region) ?? new Map<string, BucketAddress>();
    if (ofRegion.size >= MAX_KNOWN) ofRegion.clear();
    this.#known.set(region, ofRegion.set(name, address));
    return address;
  }

  #make(name: string, region: string): BucketAddress {
    const place = this.#placeIn(region);
    if (this.#usesPath(name, place)) return { origin: originOf(place), basePath: `${place.path}/${escapeUri(name)}` };
    return { origin: originOf({ ...place, host: `${name}.${place.host}` }), basePath: place.path };
  }

  /** A host of Amazon that bears another region than the bucket's cannot serve it. */
  #placeIn(region: string): Place {
    const custom = this.#custom;
    if (!custom) return this.#amazon(region);
    const isElsewhere =
      region !== this.region && this.isAmazon && (REGIONAL_HOST.test(custom.host) || isGlobal(custom));
    return isElsewhere ? this.#amazon(region) : custom;
  }

  /** A dot in a bucket's name breaks the wildcard certificate; an IP address has no subdomains. */
  #usesPath(name: string, place: Place): boolean {
    const { pathStyle, accelerate } = this.#options;
    const fits = HOST_LABEL.test(name);
    if (accelerate === true) {
      if (!fits) refuse(`Transfer Acceleration needs a bucket name without dots and capitals, not "${name}".`);
      return false;
    }
    if (!fits || isIP(place.host) !== 0) return true;
    return pathStyle ?? !this.#usesHosts;
  }

  #amazon(region: string): Place {
    const { accelerate, dualStack } = this.#options;
    if (!/^[a-z0-9-]+$/.test(region)) refuse(`"region" holds lower-case letters, digits and "-", not "${region}".`);
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

function isGlobal({ host }: Place): boolean {
  return host === 's3.amazonaws.com';
}
