import { BlockList, isIP } from 'node:net';
import { StorageError } from '@stowage/core/spi';
import { type Origin, parseOrigin } from './origin.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy, and what is told to it alone. */
export interface Proxy {
  readonly origin: Origin;
  /** Value of `proxy-authorization`; a secret. */
  readonly authorization: string | undefined;
}

/** Gives the proxy on the way to an origin; undefined when there is none. */
export type ProxyChoice = (target: Origin) => Proxy | undefined;

function decodeUser(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads the address of a proxy. The text holds a password, so that no message repeats it. */
export function parseProxy(text: string, source: string): Proxy {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new StorageError(
      'invalid-argument',
      `${source} is no HTTP proxy; write it as "http://proxy.example:3128" or "http://user:password@proxy.example:3128".`,
    );
  }
  const user = `${decodeUser(url.username)}:${decodeUser(url.password)}`;
  const authorization = user === ':' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  return { origin: parseOrigin(url.origin), authorization };
}

/** One entry of NO_PROXY. */
type Exception = (target: Origin) => boolean;

function addressException(address: string, bits: string | undefined): Exception | undefined {
  const family = isIP(address);
  if (family === 0) return undefined;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  try {
    list.addSubnet(address, bits === undefined ? (family === 4 ? 32 : 128) : Number(bits), type);
  } catch {
    return undefined;
  }
  return ({ hostname }) => {
    const targetFamily = isIP(hostname);
    return targetFamily !== 0 && list.check(hostname, targetFamily === 4 ? 'ipv4' : 'ipv6');
  };
}

function nameException(name: string): Exception {
  const bare = name.replace(/^\*?\.?/, '').replace(/\.$/, '');
  if (bare === '') return () => false;
  return ({ hostname }) => {
    const host = hostname.toLowerCase().replace(/\.$/, '');
    return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
  };
}

/**
 * Reads one entry of NO_PROXY: `*`, a name that stands for its subdomains too (with or without a leading dot), an address or a
 * CIDR block, each with an optional port.
 */
function parseException(entry: string): Exception {
  if (entry === '*') return () => true;
  const network = /^(.+)\/(\d{1,3})$/.exec(entry);
  const block = network && addressException((network[1] as string).replace(/^\[|\]$/g, ''), network[2]);
  if (block) return block;
  const plain = addressException(entry, undefined);
  if (plain) return plain;
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  const matches = addressException(host.replace(/^\[|\]$/g, ''), undefined) ?? nameException(host.toLowerCase());
  return port === undefined ? matches : (target) => target.port === Number(port) && matches(target);
}

/** Reads NO_PROXY: entries with commas or blanks between. */
export function parseNoProxy(text: string): Exception {
  const exceptions = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseException);
  return (target) => exceptions.some((matches) => matches(target));
}

function variable(env: Environment, name: string): string | undefined {
  // A CGI server sets HTTP_PROXY from a request's "Proxy" header: there, only the lower-case name can be trusted.
  const upper = name === 'http_proxy' && env['REQUEST_METHOD'] !== undefined ? undefined : env[name.toUpperCase()];
  return env[name] || upper || undefined;
}

/** Reads the proxy that a variable names when it is first needed, so that a strange one hurts only who would use it. */
function proxyOf(env: Environment, name: string): () => Proxy | undefined {
  const text = variable(env, name) ?? variable(env, 'all_proxy');
  let proxy: Proxy | undefined;
  return () => (text === undefined ? undefined : (proxy ??= parseProxy(text, `${name.toUpperCase()} (or ALL_PROXY)`)));
}

/**
 * Decides who goes through which proxy: the option `proxyUrl` if given (an empty one means none), else HTTPS_PROXY, HTTP_PROXY,
 * ALL_PROXY and NO_PROXY, in lower case first. NO_PROXY is for the environment's proxies only: who names a proxy means it.
 */
export function chooseProxy(proxyUrl: string | undefined, env: Environment): ProxyChoice {
  if (proxyUrl !== undefined) {
    const proxy = proxyUrl === '' ? undefined : parseProxy(proxyUrl, '"proxyUrl"');
    return () => proxy;
  }
  const secure = proxyOf(env, 'https_proxy');
  const plain = proxyOf(env, 'http_proxy');
  const isException = parseNoProxy(variable(env, 'no_proxy') ?? '');
  return (target) => (isException(target) ? undefined : target.isTls ? secure() : plain());
}
