import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { StorageError } from '@stowage/core/spi';

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

function unusable(path: string, why: string, cause?: unknown): StorageError {
  return new StorageError(
    'invalid-argument',
    `CA_CERTS_PATH names "${path}", ${why}. Give PEM files, or directories of PEM files.`,
    { cause },
  );
}

function certificatesIn(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (cause) {
    throw unusable(path, 'which cannot be read', cause);
  }
  const found = text.match(CERTIFICATE) ?? [];
  for (const pem of found) {
    try {
      new X509Certificate(pem);
    } catch (cause) {
      throw unusable(path, 'which holds a damaged certificate', cause);
    }
  }
  return found;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

/**
 * Reads the certificates of PEM files, each with one or many, and of directories of such files. In a directory, files without a
 * certificate are passed over. Throws `invalid-argument` for a path that is missing or holds none.
 */
export function readCaCertificates(paths: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) throw unusable(path, 'which does not exist');
    const certificates = stat.isDirectory() ? filesIn(path).flatMap(certificatesIn) : certificatesIn(path);
    if (certificates.length === 0) throw unusable(path, 'which holds no PEM certificate');
    for (const pem of certificates) found.add(pem);
  }
  return [...found];
}

/** The certificates that Node trusts by itself, those of `NODE_EXTRA_CA_CERTS` among them. */
export function defaultCaCertificates(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  // From Node 22.15 on, Node tells; it then also heeds --use-system-ca.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => readonly string[] };
  if (getCACertificates) return getCACertificates('default');
  const extra = env['NODE_EXTRA_CA_CERTS'];
  // Node warns of a file that it cannot read, and goes on.
  const readable = extra !== undefined && statSync(extra, { throwIfNoEntry: false })?.isFile() === true;
  return readable ? [...tls.rootCertificates, ...certificatesIn(extra)] : tls.rootCertificates;
}
