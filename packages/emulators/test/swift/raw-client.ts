import { request } from 'node:http';

/** A request as it goes over the wire: the path is not touched. */
export interface RawRequest {
  readonly method: string;
  /** Behind the storage URL, such as `/c/o?format=json`; with `root:` before it, behind the origin. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Sent without the account's token. */
  readonly isAnonymous?: boolean;
  /** How long real Swift takes until it knows of the change. */
  readonly settleMs?: number;
  /** Later paths may hold `{name}` for the version that this request makes. */
  readonly capture?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The connection ended before all was sent. */
  readonly isCut: boolean;
}

/** Sends one request to a storage URL with a token. */
export async function sendRaw(storageUrl: string, token: string, asked: RawRequest): Promise<RawAnswer> {
  const url = new URL(storageUrl);
  const path = asked.path.startsWith('root:') ? asked.path.slice(5) : url.pathname + asked.path;
  const auth: Record<string, string> = asked.isAnonymous === true ? {} : { 'x-auth-token': token };
  const length = asked.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(asked.body)) };
  const empty = asked.body === undefined && /^(PUT|POST)$/.test(asked.method) ? { 'content-length': '0' } : {};
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: url.hostname,
        port: url.port,
        method: asked.method,
        path,
        headers: { ...auth, ...empty, ...length, ...asked.headers },
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        const headers = Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
        );
        const finish = (isCut: boolean): void =>
          resolve({ status: incoming.statusCode ?? 0, headers, body: Buffer.concat(chunks), isCut });
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', () => finish(true));
        incoming.on('end', () => finish(false));
        // Swift sends the end of a chunked body behind its answers to HEAD, which is no HTTP.
        if (asked.method === 'HEAD') {
          finish(false);
          outgoing.destroy();
        }
      },
    );
    outgoing.on('error', reject);
    outgoing.end(asked.body);
  });
}

export async function loginV1(authUrl: string, user: string, key: string): Promise<string> {
  const answer = await fetch(authUrl, { headers: { 'x-auth-user': user, 'x-auth-key': key } });
  return answer.headers.get('x-auth-token') ?? '';
}
