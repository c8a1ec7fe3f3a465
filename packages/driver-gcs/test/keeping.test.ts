import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ctx, type Lab, startLab } from './lab.js';

let lab: Lab;
const container = 'keeping';
const ref = (key: string) => ({ container, key });
const bytesOf = (text: string) => {
  const bytes = Buffer.from(text);
  return { size: bytes.length, replayable: true, bytes, open: () => expect.unreachable() };
};

beforeAll(async () => {
  lab = await startLab('oauth');
  await lab.driver.createContainer(container, {}, ctx);
});
afterAll(() => lab.close());

describe('what an object keeps', () => {
  it('is its type and metadata, when a copy only changes its storage class', async () => {
    const { emulator } = lab;
    const nearline = lab.openWith({ credentials: { ...emulator.keyFile() }, storageClass: 'NEARLINE' });
    await lab.driver.put(ref('source'), bytesOf('x'), { contentType: 'text/x', metadata: { who: 'me' } }, ctx);
    await nearline.copy?.copy(ref('source'), ref('copy'), {}, ctx);
    expect(await lab.driver.stat(ref('copy'), {}, ctx)).toMatchObject({
      contentType: 'text/x',
      metadata: { who: 'me' },
      storageClass: 'NEARLINE',
    });
  });

  it('is its own metadata, when it came while those before it were replaced', async () => {
    const { emulator, driver } = lab;
    await driver.put(ref('raced'), bytesOf('old'), { metadata: { a: 'old' } }, ctx);
    const when = ({ operation }: { operation: string }) => operation === 'objects.patch';
    emulator.faults.add({ fault: { kind: 'delay', delayMs: 1500 }, times: 1, when });
    emulator.forget();
    const update = driver.metadata?.update(ref('raced'), { metadata: { c: 'late' } }, ctx);
    const outcome = expect(update).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await vi.waitFor(() => expect(emulator.requests.some(when)).toBe(true));
    await driver.put(ref('raced'), bytesOf('new'), { metadata: { b: 'new' } }, ctx);
    await outcome;
    expect((await driver.stat(ref('raced'), {}, ctx)).metadata).toEqual({ b: 'new' });
  });

  it('is the content type that a composition gives it, and never that of the request', async () => {
    const { driver } = lab;
    await driver.put(ref('part'), bytesOf('part'), {}, ctx);
    await driver.gcs.compose(ref('typed'), [{ key: 'part' }, { key: 'part' }], { contentType: 'text/x' });
    await driver.gcs.compose(ref('untyped'), [{ key: 'part' }]);
    expect((await driver.stat(ref('typed'), {}, ctx)).contentType).toBe('text/x');
    expect((await driver.stat(ref('untyped'), {}, ctx)).contentType).toBe('application/octet-stream');
  });
});

describe('the project of buckets', () => {
  it('is that of the credentials, unless one is given', async () => {
    const { driver, emulator } = lab;
    const names = async (one = driver) => (await one.listContainers({}, ctx)).containers.map(({ name }) => name);
    expect(await names()).toEqual([container]);
    const { project_id: _, ...credentials } = emulator.keyFile();
    expect(await names(lab.openWith({ credentials }))).toEqual([container]);
    expect(await names(lab.openWith({ credentials, project: 'another' }))).toEqual([]);
  });

  it('must be given beside a token, which names none', async () => {
    const { emulator } = lab;
    const accessToken = emulator.issueToken();
    emulator.forget();
    await expect(async () => lab.openWith({ accessToken }).listContainers({}, ctx)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('"project"') as string,
    });
    expect(emulator.requests).toEqual([]);
  });
});

it('sends no token in clear to another machine', () => {
  const open = () => lab.openWith({ endpoint: 'http://storage.example', accessToken: 'ya29.secret' });
  expect(open).toThrow(/https/);
});

describe('tokens', () => {
  it('are asked for again, when the token server could not be reached', async () => {
    const { emulator } = lab;
    const credentials = { ...emulator.keyFile(), token_uri: 'http://127.0.0.1:1/token' };
    await expect(lab.openWith({ credentials }).stat(ref('any'), {}, ctx)).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
    });
  });

  it('are not asked for in clear on another machine', async () => {
    const { emulator } = lab;
    const credentials = { ...emulator.keyFile(), token_uri: 'http://tokens.example/token' };
    await expect(lab.openWith({ credentials }).stat(ref('any'), {}, ctx)).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });
});
