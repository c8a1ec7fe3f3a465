import { createStorages } from '@stowage/django-style-adapter';
import { NimbusEmulator } from '@stowage/emulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { driver } from '../src/index.js';
import { send } from './plain.js';

async function start(): Promise<NimbusEmulator> {
  const emulator = await NimbusEmulator.start();
  onTestFinished(() => emulator.close());
  return emulator;
}

/** As the Django documentation writes them, with what Nimbus.io needs beside. */
const settings = (emulator: NimbusEmulator, more: Readonly<Record<string, unknown>> = {}) => ({
  LIBCLOUD_PROVIDERS: {
    nimbus_1: {
      type: 'libcloud.storage.types.Provider.NIMBUS',
      user: emulator.account.user,
      key: emulator.account.key,
      bucket: 'rr-alice-media',
      host: '127.0.0.1',
      port: emulator.port,
      secure: false,
      ...more,
    },
  },
  DEFAULT_LIBCLOUD_PROVIDER: 'nimbus_1',
});

describe('the settings of a Django project', () => {
  it.each([
    ['key_id', 5001],
    ['key_id', '5001'],
    ['user_id', '5001'],
  ])('save, open, list and delete files with %s', async (name, id) => {
    const emulator = await start();
    const { default: store } = createStorages(settings(emulator, { [name]: id }), { drivers: [driver] });
    await store.driver.createContainer('rr-alice-media');
    const saved = await store.save('photos/ä+b.txt', 'orange over blue');
    expect(saved).toBe('photos/ä+b.txt');
    const again = await store.save('photos/ä+b.txt', 'another');
    expect(again).toMatch(/^photos\/ä\+b_\w{7}\.txt$/);
    expect(await store.open(saved, 'r').read()).toBe('orange over blue');
    expect(await store.size(saved)).toBe(16);
    await store.save('empty.bin', '');
    expect(await store.size('empty.bin')).toBe(0);
    const [folders, files] = await store.listdir('');
    expect([folders, files]).toEqual([['photos'], ['empty.bin']]);
    expect((await store.listdir('photos'))[1].sort()).toEqual(['ä+b.txt', again.slice('photos/'.length)].sort());
    const url = new URL(await store.url(saved));
    expect(url.href).toBe(`http://rr-alice-media.nimbus.io:${String(emulator.port)}/data/photos/%21C3%21A4%212Bb.txt`);
    expect((await send(emulator.port, url))[0]).toBe(401);
    await store.delete(saved);
    expect(await store.exists(saved)).toBe(false);
    await store.driver.close();
  });

  it('are told where the number of the key goes when they have only user and key', async () => {
    const emulator = await start();
    const open = () => createStorages(settings(emulator), { drivers: [driver] }).default;
    expect(open).toThrow(/"key_id" beside "user" and "key"/);
    expect(emulator.requests).toEqual([]);
  });
});
