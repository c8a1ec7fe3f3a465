import type { WireResponse } from '@stowage/http';

export function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): WireResponse {
  return {
    status,
    ok: status < 300,
    header: (name) => headers[name],
    headersWithPrefix: () => [],
    bytes: Buffer.from(body),
    release: () => undefined,
    stream: undefined,
  };
}
