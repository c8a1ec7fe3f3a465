import { isIP } from 'node:net';
import { originOf, type Place, readPlace } from '@stowage/http';
import { refuseContainer } from './names.js';
import { type NimbusOptions, refuse } from './options.js';

/** Where a request goes. */
export interface Address {
  /** Scheme and authority that are connected to. */
  readonly origin: string;
  /** The `Host` header, where it is not the origin's. */
  readonly host: string | undefined;
}

const MAX_KNOWN = 1000;
/** What a cluster serves unless it is told otherwise. */
const DEFAULT_DOMAIN = 'nimbus.io';
const PUBLIC_SERVICE: Place = { scheme: 'https', host: DEFAULT_DOMAIN, port: '', path: '' };

/** A collection is a host of its own: `<collection>.<domain>`. There is no other way to name it. */
export class Addresses {
  /** Of the collections as a whole. */
  readonly service: Address;
  readonly #place: Place;
  readonly #domain: string;
  readonly #known = new Map<string, Address>();

  constructor(options: NimbusOptions) {
    this.#place = readPlace(options) ?? PUBLIC_SERVICE;
    const { host, path } = this.#place;
    if (path !== '') refuse('The address of the service must have no path: Nimbus.io names containers by host.');
    const isNameless = isIP(host) !== 0 || host === 'localhost';
    this.#domain = (options.domain ?? (isNameless ? DEFAULT_DOMAIN : host)).toLowerCase();
    if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(this.#domain)) refuse('"domain" must be a host name, such as "nimbus.io".');
    this.service = this.#address(this.#domain);
  }

  /** The same for every call, so that its text is made once. */
  collection(name: string): Address {
    const known = this.#known.get(name);
    if (known) return known;
    const reason = refuseContainer(name);
    if (reason !== undefined) refuse(`There can be no container ${JSON.stringify(name)}: ${reason}.`);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const address = this.#address(`${name}.${this.#domain}`);
    this.#known.set(name, address);
    return address;
  }

  /** Scheme and host of a collection as others reach it. */
  publicOrigin(name: string): string {
    return originOf({ ...this.#place, host: `${name}.${this.#domain}` });
  }

  #address(host: string): Address {
    // The address that is connected to is not found by the domain's name.
    const isElsewhere = this.#place.host !== this.#domain;
    const { port } = this.#place;
    if (isElsewhere) return { origin: originOf(this.#place), host: port === '' ? host : `${host}:${port}` };
    return { origin: originOf({ ...this.#place, host }), host: undefined };
  }
}
