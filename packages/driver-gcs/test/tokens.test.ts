import type { RequestSummary } from '@stowage/emulators';
import { isStorageError } from '@stowage/core/spi';
import { afterEach, describe, expect, it } from 'vitest';
import { ctx, type Lab, startLab } from './lab.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const tokenRequests = (): number =>
  lab!.emulator.requests.filter(({ operation }: RequestSummary) => operation === 'oauth2.token').length;

describe('tokens of a service account', () => {
  it('are fetched once for however many calls wait, and renewed before they end', async () => {
    let nowMs = Date.now();
    lab = await startLab('oauth', {}, { tokenSeconds: 3600, nowMs: () => nowMs });
    const driver = lab.openWith({ credentials: { ...lab.emulator.keyFile() } }, { nowMs: () => nowMs });
    await driver.createContainer('bucket-1', {}, ctx);
    expect(tokenRequests()).toBe(1);
    const another = lab.openWith({ credentials: { ...lab.emulator.keyFile() } }, { nowMs: () => nowMs });
    await Promise.all(Array.from({ length: 50 }, () => another.list('bucket-1', {}, ctx)));
    expect(tokenRequests()).toBe(2);
    nowMs += 56 * 60_000;
    await driver.list('bucket-1', {}, ctx);
    await expect.poll(tokenRequests).toBe(3);
  });

  it('are fetched again after a refusal, for the next attempt', async () => {
    lab = await startLab('oauth');
    await lab.driver.createContainer('bucket-1', {}, ctx);
    lab.emulator.revokeTokens();
    const failure = await lab.driver.list('bucket-1', {}, ctx).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unavailable', mended: true });
    expect((await lab.driver.list('bucket-1', {}, ctx)).objects).toEqual([]);
  });

  it('that nobody can renew are simply refused', async () => {
    lab = await startLab('oauth');
    await lab.driver.createContainer('bucket-1', {}, ctx);
    const accessToken = lab.emulator.issueToken();
    const driver = lab.openWith({ accessToken });
    await driver.list('bucket-1', {}, ctx);
    lab.emulator.revokeTokens(accessToken);
    const failure = await driver.list('bucket-1', {}, ctx).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unauthenticated' });
    expect(String(failure)).not.toContain(accessToken);
  });

  it('that are not given fail the call, with the reason and without the key', async () => {
    lab = await startLab('oauth');
    const stranger = { ...lab.emulator.keyFile(), client_email: 'stranger@example.com' };
    const failure = await lab
      .openWith({ credentials: stranger })
      .list('bucket-1', {}, ctx)
      .catch((error: unknown) => error);
    expect(isStorageError(failure, 'unauthenticated')).toBe(true);
    expect(String(failure)).toContain('invalid_grant');
    expect(JSON.stringify(failure)).not.toContain('PRIVATE KEY');
  });
});
