import { isIP } from 'node:net';
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

/** A collection is a host of its own: `<collection>.<domain>`. There is no other way to name it. */
export class Addresses {
  /** Of the collections as a whole. */
  readonly service: Address;
  readonly #url: URL;
  readonly #domain: string;
  readonly #known = new Map<string, Address>();

  constructor(options: NimbusOptions) {
    this.#url = endpointOf(options);
    const { hostname } = this.#url;
    const isNameless = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 || hostname === 'localhost';
    this.#domain = (options.domain ?? (isNameless ? DEFAULT_DOMAIN : hostname)).toLowerCase();
    if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(this.#domain)) refuse('"domain" must be a host name, such as "nimbus.io".');
    this.service = { origin: this.#url.origin, host: this.#isElsewhere ? this.#domain + this.#port : undefined };
  }

  /** The same for every call, so that its text is made once. */
  collection(name: string): Address {
    const known = this.#known.get(name);
    if (known) return known;
    const reason = refuseContainer(name);
    if (reason !== undefined) refuse(`There can be no container ${JSON.stringify(name)}: ${reason}.`);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const host = `${name}.${this.#domain}${this.#port}`;
    const address = this.#isElsewhere
      ? { origin: this.#url.origin, host }
      : { origin: `${this.#url.protocol}//${host}`, host: undefined };
    this.#known.set(name, address);
    return address;
  }

  /** Scheme and host of a collection as others reach it. */
  publicOrigin(name: string): string {
    return `${this.#url.protocol}//${name}.${this.#domain}${this.#port}`;
  }

  /** The address that is connected to is not found by the domain's name. */
  get #isElsewhere(): boolean {
    return this.#url.hostname !== this.#domain;
  }

  get #port(): string {
    return this.#url.port === '' ? '' : `:${this.#url.port}`;
  }
}

function endpointOf(options: NimbusOptions): URL {
  const name = options.host === undefined ? 'endpoint' : 'host';
  const text = addressText(options);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    refuse(`"${name}" must be an address such as "https://nimbus.example.com".`);
  if (url.username !== '' || url.password !== '')
    refuse(`"${name}" must hold no user and password; give "user" and "key".`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    refuse(`"${name}" must have no path: Nimbus.io names containers by host.`);
  return url;
}

function addressText({ endpoint = 'https://nimbus.io', host, port, secure = true }: NimbusOptions): string {
  if (host === undefined) return endpoint;
  return `${secure ? 'https' : 'http'}://${host}${port === undefined ? '' : `:${String(port)}`}`;
}
