import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '@stowage/core';
import { createHost } from '@stowage/core/spi';
import { NimbusEmulator } from '@stowage/emulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Addresses } from '../src/address.js';
import { identityOf } from '../src/auth.js';
import { createNimbusDriver } from '../src/driver.js';
import { driver } from '../src/index.js';

const USER = { user: 'alice', key: 'TheKey', keyId: '5001' };

describe('who signs', () => {
  it('is told where the number of the key goes when only user and key are given, as Django settings do', () => {
    const open = () => openStorage({ type: 'NIMBUS', user: 'alice', key: 'TheKey' }, { drivers: [driver] });
    expect(open).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    expect(open).toThrow(/Give the number as "key_id" beside "user" and "key": it is "AuthKeyId" of the identity file/);
  });

  it.each([
    [{ ...USER }],
    [{ user: 'alice', key: 'TheKey', userId: '5001' }],
    [{ userId: 'alice', key: 'TheKey', keyId: '5001' }],
    [{ user: 'alice', userId: 'alice', key: 'TheKey', keyId: '5001' }],
  ])('is the same in all spellings: %j', (options) => {
    expect(identityOf(options)).toEqual(USER);
  });

  it.each([
    [{ user: 'alice', key: 'k', keyId: 'alice' }, /must be a whole number/],
    [{ user: 'alice', key: 'k', userId: 'alice' }, /number of the key is missing/],
    [{ user: 'alice', key: 'k', keyId: '1', userId: '2' }, /"user_id" says something else than "key_id"/],
    [{ user: 'alice', key: 'k', keyId: '1', userId: 'bob' }, /"user_id" says something else than "user"/],
    [{ key: 'k', keyId: '1' }, /"user", the name of the user, is missing/],
    [{ user: 'alice', keyId: '1' }, /"key", the key of the user, is missing/],
    [{ user: 'al/../ice', key: 'k', keyId: '1' }, /"user" must be the name/],
    [{ user: 'alice', key: 'two words', keyId: '1' }, /plain ASCII/],
    [{ user: 'alice', key: 'k\r\nx: y', keyId: '1' }, /plain ASCII/],
  ])('is refused before any request: %j', (options, message) => {
    expect(() => identityOf(options)).toThrow(message);
  });

  it("is read from the identity file of Nimbus.io's own clients", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stowage-nimbus-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const identityFile = join(folder, '.nimbus.io');
    await writeFile(identityFile, 'Username alice\r\nAuthKeyId 5001\nAuthKey  TheKey\n');
    expect(identityOf({ identityFile })).toEqual(USER);
    expect(() => identityOf({ identityFile, user: 'bob' })).toThrow(/remove "user"/);
    await writeFile(identityFile, 'Username alice\nAuthKey TheKey\n');
    expect(() => identityOf({ identityFile })).toThrow(/has no line for AuthKeyId/);
    expect(() => identityOf({ identityFile: join(folder, 'none') })).toThrow(/cannot be read/);
  });
});

describe('where requests go', () => {
  const places = (options: ConstructorParameters<typeof Addresses>[0]) => {
    const addresses = new Addresses(options);
    return [addresses.service, addresses.collection('box')];
  };

  it('is a host for each container', () => {
    expect(places({})).toEqual([
      { origin: 'https://nimbus.io', host: undefined },
      { origin: 'https://box.nimbus.io', host: undefined },
    ]);
    expect(places({ host: 'storage.example', port: 8080, secure: false })[1]).toEqual({
      ...{ origin: 'http://box.storage.example:8080', host: undefined },
    });
  });

  it('is one address that is told the names, where the domain is another', () => {
    const named = { origin: 'http://127.0.0.1:8080', host: 'box.nimbus.io:8080' };
    expect(places({ endpoint: 'http://127.0.0.1:8080' })[1]).toEqual(named);
    expect(places({ endpoint: 'https://lb.example', domain: 'Nimbus.Test' })).toEqual([
      { origin: 'https://lb.example', host: 'nimbus.test' },
      { origin: 'https://lb.example', host: 'box.nimbus.test' },
    ]);
  });

  it.each([
    [{ endpoint: 'ftp://x' }],
    [{ endpoint: 'https://nimbus.io/path' }],
    [{ endpoint: 'https://u:p@nimbus.io' }],
    [{ host: 'a b' }],
    [{ domain: 'a/b' }],
    [{ endpoint: 'https://a', host: 'b' }],
  ])('is refused: %j', (options) => {
    expect(() => createNimbusDriver({ ...USER, ...options }, createHost())).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });

  it('never holds a name that is no part of a host', async () => {
    const emulator = await NimbusEmulator.start();
    onTestFinished(() => emulator.close());
    const opened = createNimbusDriver({ ...USER, endpoint: emulator.endpoint }, createHost());
    onTestFinished(() => opened.close?.());
    for (const name of ['a.evil.example', 'a\r\nx: y', 'UPPER', 'a--b', 'a']) {
      expect(opened.capabilities.containers.refuse?.(name)).toBeTruthy();
      await expect(opened.list(name, {}, { attempt: 1 })).rejects.toMatchObject({ code: 'invalid-argument' });
    }
    expect(emulator.requests).toEqual([]);
  });
});
