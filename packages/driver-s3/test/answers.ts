import type { WireResponse } from '@stowage/http';

/** An answer of a server, as the transport gives it. */
export function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = '',
): WireResponse {
  return {
    status,
    ok: status >= 200 && status < 300,
    header: (name) => headers[name],
    headersWithPrefix: (prefix) =>
      Object.entries(headers).flatMap(([name, value]) =>
        name.startsWith(prefix) ? [name.slice(prefix.length), value] : [],
      ),
    bytes: Buffer.from(body),
    release: () => undefined,
    stream: undefined,
  };
}

export function errorDocument(code: string, message = '', more = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message>${more}<RequestId>R1</RequestId></Error>`;
}
