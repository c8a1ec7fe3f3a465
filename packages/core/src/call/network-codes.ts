/** System and undici codes after which the same request may succeed, and whether the request may have reached the store. */
const NETWORK_CODES: Readonly<Record<string, { readonly code: 'unavailable' | 'timeout'; readonly neverSent?: true }>> =
  {
    ECONNRESET: { code: 'unavailable' },
    ECONNABORTED: { code: 'unavailable' },
    EPIPE: { code: 'unavailable' },
    ENETDOWN: { code: 'unavailable', neverSent: true },
    ENETUNREACH: { code: 'unavailable', neverSent: true },
    EHOSTDOWN: { code: 'unavailable', neverSent: true },
    EHOSTUNREACH: { code: 'unavailable', neverSent: true },
    ECONNREFUSED: { code: 'unavailable', neverSent: true },
    ENOTFOUND: { code: 'unavailable', neverSent: true },
    EAI_AGAIN: { code: 'unavailable', neverSent: true },
    ERR_STREAM_PREMATURE_CLOSE: { code: 'unavailable' },
    UND_ERR_SOCKET: { code: 'unavailable' },
    UND_ERR_CLOSED: { code: 'unavailable' },
    ETIMEDOUT: { code: 'timeout' },
    UND_ERR_CONNECT_TIMEOUT: { code: 'timeout', neverSent: true },
    UND_ERR_HEADERS_TIMEOUT: { code: 'timeout' },
    UND_ERR_BODY_TIMEOUT: { code: 'timeout' },
  };

const MAX_CAUSES = 5;

/** Finds the first code of the table in an error and its causes, and what it means. */
export function networkFailure(
  error: unknown,
): { readonly systemCode: string; readonly code: 'unavailable' | 'timeout'; readonly neverSent: boolean } | undefined {
  let current = error;
  for (let depth = 0; depth <= MAX_CAUSES && typeof current === 'object' && current !== null; depth++) {
    const { code, cause } = current as { code?: unknown; cause?: unknown };
    const known = typeof code === 'string' && Object.hasOwn(NETWORK_CODES, code) ? NETWORK_CODES[code] : undefined;
    if (known) return { systemCode: code as string, code: known.code, neverSent: known.neverSent ?? false };
    current = cause;
  }
  return undefined;
}
