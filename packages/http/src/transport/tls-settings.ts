import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type DriverHost, StorageError } from '@stowage/core/spi';
import { defaultCaCertificates, readCaCertificates } from './ca-certificates.js';
import type { TransportOptions } from './options.js';

/** How TLS connections are made; the same for every server of a transport. */
export interface TlsSettings {
  readonly verify: boolean;
  /** Name that the certificate must bear, when it is not the host's. */
  readonly serverName: string | undefined;
  /** Roots and client certificate, read once; undefined where Node's own will do. */
  context(): SecureContext | undefined;
}

/** PEM text, or the path of a file that holds it. */
function readPem(option: string, value: string | undefined): string | undefined {
  if (value === undefined || value.includes('-----BEGIN')) return value;
  let text: string;
  try {
    text = readFileSync(value, 'latin1');
  } catch (cause) {
    throw new StorageError(
      'invalid-argument',
      `"${option}" is neither PEM text nor the path of a file that can be read.`,
      { cause },
    );
  }
  if (text.includes('-----BEGIN')) return text;
  throw new StorageError('invalid-argument', `The file that "${option}" names holds no PEM text.`);
}

function contextOf(parts: Parameters<typeof createSecureContext>[0]): SecureContext {
  try {
    return createSecureContext({ ...parts, minVersion: 'TLSv1.2' });
  } catch (cause) {
    throw new StorageError(
      'invalid-argument',
      'The client certificate cannot be used: check that "clientCert", "clientKey" and "clientKeyPassphrase" belong together.',
      { cause },
    );
  }
}

/** Reads what the options and the host say of TLS. Throws `invalid-argument` for files and keys that cannot be used. */
export function readTlsSettings(host: DriverHost, options: TransportOptions): TlsSettings {
  const { caCertsPath, verifyTls } = host.network;
  const cert = readPem('clientCert', options.clientCert);
  const key = readPem('clientKey', options.clientKey);
  if ((cert === undefined) !== (key === undefined)) {
    throw new StorageError('invalid-argument', '"clientCert" and "clientKey" go together: give both or neither.');
  }
  if (!verifyTls) {
    host.warn(
      'TLS certificates are NOT verified ("verifyTls" is false): anyone on the way can read and change what is stored. Use CA_CERTS_PATH instead.',
    );
  }
  const extra = readCaCertificates(caCertsPath);
  const identity = cert === undefined ? {} : { cert, key, passphrase: options.clientKeyPassphrase };
  // Wrong keys must be told before the first request; the roots can wait, for parsing them takes its time.
  if (cert !== undefined) contextOf(identity);
  const ca = () => (extra.length === 0 ? {} : { ca: [...defaultCaCertificates(options.env ?? process.env), ...extra] });
  const isPlain = extra.length === 0 && cert === undefined;
  let context: SecureContext | undefined;
  return {
    verify: verifyTls,
    serverName: options.tlsServerName,
    context: () => (isPlain ? undefined : (context ??= contextOf({ ...identity, ...ca() }))),
  };
}
