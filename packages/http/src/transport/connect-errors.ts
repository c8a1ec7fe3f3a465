import { isStorageError, StorageError } from '@stowage/core/spi';
import type { Origin } from './origin.js';

/** Which side of the way an error happened on. */
export type ConnectPlace = 'server' | 'proxy';

/** OpenSSL's verdicts that mean: the chain does not end in a certificate that is trusted. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
]);

const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name cannot be looked up now',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ECONNRESET: 'it closed the connection while it was made',
  EPROTO: 'it does not speak TLS there',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there; is the endpoint "http://"?',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it speaks no TLS version from 1.2 on',
};

/** The code of a system error; of the first one where several addresses were tried. */
export function systemCodeOf(error: unknown): string | undefined {
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) && errors.length > 0 ? systemCodeOf(errors[0]) : undefined;
}

/** What a TLS alert of the server says of our client certificate; undefined for other errors. */
export function clientCertificateHint(code: string | undefined): string | undefined {
  if (code === undefined || !/^ERR_SSL_.*ALERT.*(CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED)/.test(code))
    return undefined;
  return 'it refuses our side of TLS; if it asks for a client certificate, give "clientCert" and "clientKey"';
}

function certificateProblem(
  code: string,
  label: string,
  serverName: string | undefined,
  error: Error,
): string | undefined {
  if (UNTRUSTED.has(code)) {
    return (
      `The certificate of ${label} is signed by nobody we trust (${code}). ` +
      'If it is right, add its CA certificate: a PEM file, or a directory of them, in CA_CERTS_PATH.'
    );
  }
  if (code === 'CERT_HAS_EXPIRED')
    return `The certificate of ${label} has expired. It must be renewed; also check this machine's clock.`;
  if (code === 'CERT_NOT_YET_VALID') return `The certificate of ${label} is not valid yet. Check this machine's clock.`;
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return undefined;
  const { reason = error.message } = error as { reason?: string };
  const wanted = serverName === undefined ? '' : ` ("tlsServerName" asks for ${serverName})`;
  return `The certificate of ${label} is for another host${wanted}: ${reason}`;
}

/** Makes the error of a connection that could not be made. Nothing was sent. */
export function connectError(
  error: Error,
  to: Origin,
  place: ConnectPlace,
  serverName: string | undefined,
): StorageError {
  if (isStorageError(error)) return error;
  const code = systemCodeOf(error) ?? 'unknown';
  const label = place === 'proxy' ? `proxy ${to.label}` : to.label;
  const facts = { requestSent: false, providerCode: code, cause: error };
  const problem = certificateProblem(code, label, serverName, error);
  if (problem !== undefined) return new StorageError('unavailable', problem, { ...facts, retryable: false });
  const hint = clientCertificateHint(code);
  if (hint !== undefined) return new StorageError('unauthenticated', `No connection to ${label}: ${hint}.`, facts);
  const cause = CAUSES[code] ?? (error.message || 'the connection failed');
  const isHopeless = code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_');
  return new StorageError('unavailable', `No connection to ${label}: ${cause} (${code}).`, {
    ...facts,
    retryable: !isHopeless,
  });
}

/** Makes the error of a proxy that does not let us through. */
export function proxyRefusal(proxy: Origin, status: number): StorageError {
  const label = `The proxy ${proxy.label}`;
  const facts = { requestSent: false, providerCode: `proxy-${status}` };
  // Tinyproxy answers 401 to a wrong password and 407 to none.
  if (status === 407 || status === 401) {
    const what = `${label} asks for a user and password, or refuses those given (${status}). Write them in the proxy's address: "http://user:password@host:port".`;
    return new StorageError('unauthenticated', what, facts);
  }
  if (status === 403)
    return new StorageError(
      'permission-denied',
      `${label} does not let us through to this host and port (403).`,
      facts,
    );
  return new StorageError('unavailable', `${label} answers ${status} instead of letting us through.`, facts);
}
