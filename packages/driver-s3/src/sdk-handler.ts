import { Readable } from 'node:stream';
import { StorageError } from '@stowage/core/spi';
import type { Transport, WireBody, WireRequest, WireResponse } from '@stowage/http';

/** What the SDK hands to the one who sends; its own type comes from a package that only the SDK depends on. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly (string | null)[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** The part of the SDK's `HttpHandler` that it calls. */
export interface SdkHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(
    request: SdkRequest,
    options?: { readonly abortSignal?: AbortSignal | undefined },
  ): Promise<{ readonly response: SdkResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

/** What the transport says itself, or undici does not know. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['host', 'content-length', 'expect', 'connection']);

/** Sends the requests of the vendor's client through the driver's transport. */
export function sdkHandler(transport: Pick<Transport, 'send'>): SdkHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request, { abortSignal } = {}) {
      const response = await transport.send(toWireRequest(request), { signal: abortSignal, attempt: 1 });
      return { response: toSdkResponse(response) };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

function toWireRequest(request: SdkRequest): WireRequest {
  const { protocol, hostname, port, method, headers, path } = request;
  const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${String(port)}`}`;
  const wanted = Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name.toLowerCase()));
  const body = toWireBody(request);
  return {
    ...{ method, origin, path: path + queryOf(request), want: 'stream' as const },
    headers: wanted.flatMap(([name, value]) => [name.toLowerCase(), value]),
    ...(body !== undefined && { body }),
  };
}

function queryOf({ query = {} }: SdkRequest): string {
  const escape = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values = typeof value === 'string' || value === null ? [value] : value;
    return values.map((each) => `${escape(name)}=${escape(each ?? '')}`);
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function toWireBody({ body, headers }: SdkRequest): Buffer | WireBody | undefined {
  const content = body;
  if (content === undefined || content === null) return undefined;
  if (typeof content === 'string') return Buffer.from(content);
  if (content instanceof Uint8Array) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const length = headers['content-length'];
  if (content instanceof Readable)
    return { size: length === undefined ? undefined : Number(length), open: () => content };
  throw new StorageError('unsupported', 'Give the body as a string, bytes or a Node stream.', { requestSent: false });
}

/** The shape that the SDK takes for an HTTP response. */
function toSdkResponse(response: WireResponse): SdkResponse {
  const headers: Record<string, string> = {};
  const pairs = response.headersWithPrefix('');
  for (let at = 0; at < pairs.length; at += 2) headers[pairs[at] as string] = pairs[at + 1] as string;
  return { statusCode: response.status, headers, body: response.stream ?? Readable.from([response.bytes]) };
}
