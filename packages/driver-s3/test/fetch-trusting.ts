import { request as httpsRequest } from 'node:https';

/** A `fetch` that trusts one CA: Node 20 cannot tell its own to. */
export function fetchTrusting(ca: () => string): (url: string, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const wanted = new Request(url, init);
    const body = Buffer.from(await wanted.arrayBuffer());
    const headers: Record<string, string> = Object.fromEntries(wanted.headers);
    if (body.length > 0) headers['content-length'] = String(body.length);
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(wanted.url, { method: wanted.method, headers, ca: ca() }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const { statusCode: status = 0, headers: got } = answer;
          const pairs = Object.entries(got).map(([name, value]): [string, string] => [name, String(value)]);
          const hasBody = status !== 204 && status !== 304;
          resolve(new Response(hasBody ? Buffer.concat(chunks) : null, { status, headers: pairs }));
        });
      });
      sent.once('error', reject);
      sent.end(body);
    });
  };
}
