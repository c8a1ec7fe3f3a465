import { isStorageError } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { type ChainKeys, keySource, type KeySourceSettings } from '../src/credentials.js';
import type { S3Options } from '../src/options.js';

const MINUTE = 60_000;

function chainLab(
  next: () => ChainKeys | Promise<ChainKeys>,
  options: S3Options = {},
  env: KeySourceSettings['env'] = {},
) {
  const clock = { nowMs: 1_000_000 };
  const counts = { loads: 0, fetches: 0 };
  const source = keySource(options, {
    nowMs: () => clock.nowMs,
    env,
    loadChain: async () => {
      counts.loads += 1;
      return async () => {
        counts.fetches += 1;
        return next();
      };
    },
  });
  return { source, clock, counts };
}

const keysOf = (id: string, expiresAtMs?: number): ChainKeys => ({
  accessKeyId: id,
  secretAccessKey: 'secret',
  ...(expiresAtMs !== undefined && { expiration: new Date(expiresAtMs) }),
});

describe('keys', () => {
  it('that are given are used as they are, without the chain', () => {
    const { source, counts } = chainLab(() => keysOf('chain'), { user: 'AKID', key: 'k', token: 't' });
    expect(source.keys()).toEqual({ accessKeyId: 'AKID', secretAccessKey: 'k', sessionToken: 't' });
    expect(counts.loads).toBe(0);
  });

  it('are none for anonymous requests', () => {
    expect(chainLab(() => keysOf('chain'), { anonymous: true }).source.keys()).toBeUndefined();
  });

  it('of the environment need no chain', () => {
    const env = { AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' };
    const { source, counts } = chainLab(() => keysOf('chain'), {}, env);
    expect(source.keys()).toEqual({ accessKeyId: 'ENV', secretAccessKey: 's', sessionToken: 't' });
    expect(counts.loads).toBe(0);
  });

  it('of the environment give way to a profile', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 's' };
    const byOption = chainLab(() => keysOf('chain'), { profile: 'work' }, env);
    expect(await byOption.source.keys()).toMatchObject({ accessKeyId: 'chain' });
    const byVariable = chainLab(() => keysOf('chain'), {}, { ...env, AWS_PROFILE: 'work' });
    expect(await byVariable.source.keys()).toMatchObject({ accessKeyId: 'chain' });
  });

  it('are fetched once for all calls that wait', async () => {
    const { source, counts } = chainLab(() => keysOf('chain'));
    const all = await Promise.all(Array.from({ length: 100 }, async () => source.keys()));
    expect(new Set(all).size).toBe(1);
    expect(counts).toEqual({ loads: 1, fetches: 1 });
    expect(source.keys()).not.toBeInstanceOf(Promise);
  });

  it('are renewed once, before they expire, while calls go on with the old ones', async () => {
    let made = 0;
    let release: (() => void) | undefined;
    const { source, clock, counts } = chainLab(async () => {
      made += 1;
      if (made === 2) await new Promise<void>((resolve) => (release = resolve));
      return keysOf(`keys-${String(made)}`, 1_000_000 + made * 60 * MINUTE);
    });
    await source.keys();
    clock.nowMs += 54 * MINUTE;
    expect(source.keys()).toMatchObject({ accessKeyId: 'keys-1' });
    expect(counts.fetches).toBe(1);
    clock.nowMs += 2 * MINUTE;
    for (let call = 0; call < 10; call++) expect(source.keys()).toMatchObject({ accessKeyId: 'keys-1' });
    await Promise.resolve();
    expect(counts.fetches).toBe(2);
    release?.();
    await new Promise(setImmediate);
    expect(source.keys()).toMatchObject({ accessKeyId: 'keys-2' });
  });

  it('that have expired are waited for', async () => {
    let made = 0;
    const { source, clock, counts } = chainLab(() => {
      made += 1;
      return keysOf(`keys-${String(made)}`, 1_000_000 + made * 60 * MINUTE);
    });
    await source.keys();
    clock.nowMs += 61 * MINUTE;
    const both = await Promise.all([source.keys(), source.keys()]);
    expect(both.map((keys) => keys?.accessKeyId)).toEqual(['keys-2', 'keys-2']);
    expect(counts.fetches).toBe(2);
  });

  it('that always are about to expire are not fetched for every call', async () => {
    const { source, clock, counts } = chainLab(() => keysOf('short', clock.nowMs + 2 * MINUTE));
    await source.keys();
    for (let call = 0; call < 50; call++) await source.keys();
    expect(counts.fetches).toBe(1);
    clock.nowMs += 11_000;
    await source.keys();
    await new Promise(setImmediate);
    expect(counts.fetches).toBe(2);
  });

  it('that the service refused as expired are fetched again', async () => {
    let made = 0;
    const { source } = chainLab(() => keysOf(`keys-${String((made += 1))}`));
    const first = await source.keys();
    expect(source.renew(first!)).toBe(true);
    const second = await source.keys();
    expect(second?.accessKeyId).toBe('keys-2');
    // Another call that was refused with the old keys at the same time.
    source.renew(first!);
    expect(await source.keys()).toBe(second);
  });

  it('that are fixed cannot be renewed', () => {
    const { source } = chainLab(() => keysOf('chain'), { user: 'AKID', key: 'k' });
    expect(source.renew({ accessKeyId: 'AKID', secretAccessKey: 'k' })).toBe(false);
  });

  it('that are nowhere end in advice, and are looked for again by the next call', async () => {
    let isThere = false;
    const { source } = chainLab(() => {
      if (!isThere) throw new Error('Could not load credentials from any providers');
      return keysOf('late');
    });
    const failure = await Promise.resolve(source.keys()).catch((error: unknown) => error);
    expect(isStorageError(failure, 'unauthenticated')).toBe(true);
    expect(String(failure)).toContain('AWS_ACCESS_KEY_ID');
    isThere = true;
    expect(await source.keys()).toMatchObject({ accessKeyId: 'late' });
  });
});
