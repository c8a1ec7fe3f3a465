import { StorageError } from '@stowage/core/spi';
import type { Transport, WireRequest, WireResponse } from '@stowage/http';

/** What Google's library asks for; its own types come from a package that only it depends on. */
interface TokenRequest {
  readonly url?: string | URL;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>> | Headers;
  readonly data?: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly responseType?: string;
}

interface TokenResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly config: TokenRequest;
  readonly data: unknown;
  readonly request: { readonly responseURL: string };
}

/** Where the library asks for tokens of key files, whatever these say. */
const GOOGLE_TOKEN_URLS: ReadonlySet<string> = new Set([
  'https://www.googleapis.com/oauth2/v4/token',
  'https://oauth2.googleapis.com/token',
]);

export function isGoogleTokenUrl(url: string): boolean {
  return GOOGLE_TOKEN_URLS.has(url);
}

const OWN_HEADERS: ReadonlySet<string> = new Set(['host', 'content-length', 'connection']);

interface Requester {
  request(options: TokenRequest): Promise<unknown>;
}

export interface TokenWays {
  /** Where tokens are asked for instead of at Google's own address. */
  readonly tokenUri: string | undefined;
  /** Sends all requests but those for tokens at Google's address; default the same transport. */
  readonly beyond?: Requester | undefined;
}

/** Sends what Google's library asks for through the driver's transport, so that CA, proxy and time-outs are the same. */
export function tokenTransporter(transport: Pick<Transport, 'send'>, { tokenUri, beyond }: TokenWays): Requester {
  return {
    async request(options: TokenRequest): Promise<unknown> {
      const asked = String(options.url);
      const isGoogle = isGoogleTokenUrl(asked);
      if (beyond && !isGoogle) return beyond.request(options);
      const url = new URL(tokenUri !== undefined && isGoogle ? tokenUri : asked);
      for (const [name, value] of Object.entries(options.params ?? {})) url.searchParams.set(name, String(value));
      const response = await transport.send(toWireRequest(url, options), { attempt: 1 });
      const answer = toAnswer(url, options, response);
      if (response.ok) return answer;
      throw refusal(answer);
    },
  };
}

function toWireRequest(url: URL, { method = 'GET', headers = {}, data }: TokenRequest): WireRequest {
  const given = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const pairs = given.filter(([name]) => !OWN_HEADERS.has(name.toLowerCase()));
  const type = pairs.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const body = toBody(data, type);
  if (body && type === undefined) pairs.push(['content-type', 'application/json']);
  return {
    ...{ method, origin: url.origin, path: url.pathname + url.search, want: 'bytes' as const },
    headers: pairs.flatMap(([name, value]) => [name.toLowerCase(), value]),
    ...(body && { body }),
  };
}

function toBody(data: unknown, type: string | undefined): Buffer | undefined {
  if (data === undefined || data === null) return undefined;
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof URLSearchParams) return Buffer.from(data.toString());
  if (type?.startsWith('application/x-www-form-urlencoded') === true)
    return Buffer.from(new URLSearchParams(data as Record<string, string>).toString());
  return Buffer.from(JSON.stringify(data));
}

function toAnswer(url: URL, config: TokenRequest, response: WireResponse): TokenResponse {
  const headers: Record<string, string> = {};
  const pairs = response.headersWithPrefix('');
  for (let at = 0; at < pairs.length; at += 2) headers[pairs[at] as string] = pairs[at + 1] as string;
  const { status } = response;
  const data = toData(response.bytes.toString(), config.responseType);
  return { status, statusText: String(status), headers, config, data, request: { responseURL: url.href } };
}

function toData(text: string, responseType: string | undefined): unknown {
  if (responseType === 'text') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** What the library looks for in a failure; what was sent holds secrets and does not go along. */
function refusal({ status, data, headers }: TokenResponse): Error {
  const said = data as { readonly error?: unknown; readonly error_description?: unknown } | undefined;
  const { message: inner } = (said?.error ?? {}) as { readonly message?: unknown };
  const words = [said?.error, said?.error_description, inner].filter((text) => typeof text === 'string');
  const message = `The token server answered ${String(status)}${words.length > 0 ? `: ${words.join(', ')}` : ''}.`;
  const error = new StorageError(status >= 500 ? 'unavailable' : 'unauthenticated', message, { status });
  return Object.assign(error, { response: { status, data, headers, config: {} } });
}
