import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCaCertificates } from '../../src/settings/ca-certificates.js';

describe('CA_CERTS_PATH', () => {
  let directory: string;
  let bundle: string;
  let key: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'stowage-ca-'));
    bundle = join(directory, 'certs', 'bundle.pem');
    key = join(directory, 'key.pem');
    mkdirSync(join(directory, 'certs', 'empty'), { recursive: true });
    writeFileSync(bundle, 'Comment\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    writeFileSync(key, '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('may be left out', () => expect(findCaCertificates([])).toEqual([]));

  it('names files and directories; places of other machines in it are passed over', () => {
    const certificates = join(directory, 'certs');
    expect(findCaCertificates(['/no/such/bundle.pem', bundle, certificates, key])).toEqual([bundle, certificates]);
  });

  it('that holds no certificate fails with the documented sentence', () => {
    const paths = ['/no/such/bundle.pem', key, join(directory, 'certs', 'empty')];
    expect(() => findCaCertificates(paths)).toThrow(
      expect.objectContaining({
        name: 'ImproperlyConfigured',
        message: expect.stringMatching(/^No CA Certificates were found in CA_CERTS_PATH.*\/no\/such\/bundle\.pem/),
      }),
    );
  });
});
