import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, isStorageError } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { chooseCredential, type Credential } from '../src/credentials.js';
import { createGcsDriver } from '../src/driver.js';
import { chooseEndpoint } from '../src/endpoint.js';
import type { GcsOptions } from '../src/options.js';
import { temporaryFolder } from './folder.js';

const nowhere = { env: {}, homeFolder: '/nowhere' };
const PEM = '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n';
const EMAIL = 'robot@project.iam.gserviceaccount.com';

const choose = (options: GcsOptions, env: Record<string, string> = {}, homeFolder = '/nowhere'): Credential =>
  chooseCredential(options, { env, homeFolder });

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isStorageError(error, 'invalid-argument')) return error.message;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('credentials', () => {
  it.each(['GOOGTS7C7FUP3AIRVJTE', 'GOOG1EMULATED', 'minioadmin'])('of user %s are an HMAC key', (user) => {
    const keys = { accessKeyId: user, secretAccessKey: 's' };
    expect(choose({ user, key: 's' })).toEqual({ kind: 'hmac', keys, signature: 'goog4' });
  });

  it.each(['goog1', 'aws4'])('sign by %s on request', (signature) => {
    expect(choose({ user: 'GOOG1', key: 's', signature })).toMatchObject({ kind: 'hmac', signature });
  });

  it('of an e-mail address are a service account, with a key as text, on one line, or in a file of PEM or JSON', () => {
    const account = { kind: 'service-account', email: EMAIL, privateKey: PEM };
    expect(choose({ user: EMAIL, key: PEM })).toMatchObject({ source: account });
    expect(choose({ user: EMAIL, key: PEM.replaceAll('\n', '\\n') })).toMatchObject({ source: account });
    const pem = join(temporaryFolder(), 'key.pem');
    writeFileSync(pem, PEM);
    expect(choose({ user: EMAIL, key: pem })).toMatchObject({ source: account });
    const json = join(temporaryFolder(), 'key.json');
    writeFileSync(json, JSON.stringify({ private_key: PEM, client_email: EMAIL }));
    expect(choose({ user: EMAIL, key: json })).toMatchObject({
      source: { kind: 'credentials', json: { private_key: PEM, client_email: EMAIL } },
    });
  });

  it('are the application default ones where none are given: the named file, that of gcloud, the metadata server', () => {
    expect(choose({}, { GOOGLE_APPLICATION_CREDENTIALS: '/a.json' })).toMatchObject({
      source: { kind: 'key-file', path: '/a.json' },
    });
    const home = temporaryFolder();
    expect(choose({}, {}, home)).toMatchObject({ source: { kind: 'metadata-server' } });
    mkdirSync(join(home, '.config', 'gcloud'), { recursive: true });
    const path = join(home, '.config', 'gcloud', 'application_default_credentials.json');
    writeFileSync(path, '{}');
    expect(choose({}, {}, home)).toMatchObject({ source: { kind: 'key-file', path } });
  });

  it('are none at an emulator that the environment names, unless the settings have some', () => {
    const env = { STORAGE_EMULATOR_HOST: '127.0.0.1:9' };
    expect(choose({}, env)).toEqual({ kind: 'anonymous' });
    expect(choose({ accessToken: 't' }, env)).toEqual({ kind: 'token', token: 't' });
  });

  it('act as another account on request', () => {
    expect(choose({ metadataServer: true, impersonate: EMAIL })).toEqual({
      kind: 'oauth',
      source: { kind: 'metadata-server' },
      impersonate: EMAIL,
    });
  });

  it.each<[string, GcsOptions]>([
    ['give one of them', { user: 'GOOG', key: 's', accessToken: 't' }],
    ['give one of them', { keyFile: 'a', anonymous: true }],
    ['without "user"', { key: 's' }],
    ['without "key"', { user: 'GOOG' }],
    ['as "key"', { user: EMAIL }],
    ['neither a private key', { user: EMAIL, key: 'hunter2' }],
    ['no JSON key file', { user: EMAIL, key: '{"a":' }],
    ['may act as another', { anonymous: true, impersonate: EMAIL }],
    ['about HMAC keys', { accessToken: 't', signature: 'goog1' }],
  ])('are refused: %s', (reason, options) => {
    const message = refusalOf(() => choose(options));
    expect(message).toContain(reason);
    expect(message).not.toContain('hunter2');
  });
});

describe('options', () => {
  const open = (options: GcsOptions): unknown => createGcsDriver(options, createHost(), nowhere);
  const keys = { user: 'GOOG', key: 's' };

  it.each<[string, GcsOptions]>([
    ['"signature" must be', { ...keys, signature: 'v2' }],
    ['"uploads" must be', { ...keys, uploads: 'parallel' }],
    ['no call of the AWS dialect', { ...keys, signature: 'aws4', uploads: 'session' }],
    ['cannot travel', { ...keys, signature: 'aws4', userProject: 'p' }],
    ['cannot travel', { ...keys, signature: 'aws4', kmsKeyName: 'k' }],
    ['32 bytes', { ...keys, customerKey: 'c2hvcnQ=' }],
    ['exclude each other', { ...keys, customerKey: Buffer.alloc(32).toString('base64'), kmsKeyName: 'k' }],
    ['https', { ...keys, customerKey: Buffer.alloc(32).toString('base64'), endpoint: 'http://10.0.0.1' }],
    ['"endpoint" and "host"', { ...keys, endpoint: 'http://a', host: 'b' }],
    ['"universeDomain"', { ...keys, universeDomain: 'a/b' }],
  ])('are refused: %s', (reason, options) => {
    expect(refusalOf(() => open(options))).toContain(reason);
  });

  it.each<[string, GcsOptions, Record<string, string>]>([
    ['https://storage.googleapis.com', {}, {}],
    ['https://storage.example.org', { universeDomain: 'example.org' }, {}],
    ['http://127.0.0.1:4443', {}, { STORAGE_EMULATOR_HOST: '127.0.0.1:4443' }],
    ['https://emulator', {}, { STORAGE_EMULATOR_HOST: 'https://emulator' }],
    ['https://storage-psc.p.googleapis.com', { host: 'storage-psc.p.googleapis.com' }, { STORAGE_EMULATOR_HOST: 'x' }],
    ['http://localhost:80', { host: 'localhost', port: 80, secure: false }, {}],
  ])('ask %s', (origin, options, env) => {
    expect(chooseEndpoint(options, env).origin).toBe(origin.replace(/:80$/, ''));
  });
});
