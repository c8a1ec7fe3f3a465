import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ImproperlyConfigured } from '../errors.js';

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/;

function fileHoldsCertificates(path: string): boolean {
  return CERTIFICATE.test(readFileSync(path, 'latin1'));
}

function holdsCertificates(path: string): boolean {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return false;
  if (!facts.isDirectory()) return facts.isFile() && fileHoldsCertificates(path);
  return readdirSync(path).some((name) => {
    const file = join(path, name);
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true && fileHoldsCertificates(file);
  });
}

/**
 * Picks the paths that hold certificates: as in Libcloud, the list may name places of other machines.
 * Throws `ImproperlyConfigured` when paths are given and none of them holds any.
 */
export function findCaCertificates(paths: readonly string[]): string[] {
  const found = paths.filter(holdsCertificates);
  if (found.length > 0 || paths.length === 0) return found;
  throw new ImproperlyConfigured(
    `No CA Certificates were found in CA_CERTS_PATH. None of these holds a certificate in PEM form: ${paths.join(', ')}.`,
  );
}
