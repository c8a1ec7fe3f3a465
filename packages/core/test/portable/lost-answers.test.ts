import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { bodyOf } from './bodies.js';
import { failureOf, type Lab, type LabOptions, openLab } from './lab.js';

const reset = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** A store that carries out the first `call` and loses its answer; `meanwhile` happens before the next attempt. */
async function forgetfulLab(
  call: string,
  meanwhile?: (lab: Lab) => Promise<unknown>,
  more: LabOptions = {},
): Promise<Lab> {
  let lost = false;
  const lab: Lab = await openLab({
    ...more,
    retry: { baseDelayMs: 0 },
    after: async (name, result) => {
      if (name !== call || lost) return result;
      lost = true;
      await meanwhile?.(lab);
      throw reset();
    },
  });
  return lab;
}

const overwrite =
  (text: string) =>
  ({ storage }: Lab) =>
    storage.driver.put({ container: 'box', key: 'k' }, bodyOf(text), {}, { attempt: 1 });

describe('a put whose first answer was lost', () => {
  it.each([
    ['bytes', () => 'hello'],
    ['a stream that fits into memory', () => new Blob(['hello'])],
    ['a large body', () => new Blob([Buffer.alloc(2 * 1024 * 1024, 'x')])],
  ])('is no "object-exists" when the object is what was sent: %s', async (_, source) => {
    const { box, calls } = await forgetfulLab('put');
    const object = await box.put('k', source(), { ifNoneMatch: '*' });
    expect(object.record?.etag).toBe((await object.stat()).etag);
    expect(calls.filter((call) => call === 'put')).toHaveLength(2);
  });

  it("is one, with the outcome unknown, when the object is another's", async () => {
    const { box } = await forgetfulLab('put', overwrite('world'));
    const error = await failureOf(box.put('k', 'hello', { ifNoneMatch: '*' }));
    expect(error).toMatchObject({ code: 'object-exists', outcomeUnknown: true, attempts: 2, key: 'k' });
    expect(await box.object('k').text()).toBe('world');
  });

  it('is one, with the outcome unknown, where the store reports no digest to compare', async () => {
    const { box } = await openBlind();
    const error = await failureOf(box.put('k', 'hello', { ifNoneMatch: '*' }));
    expect(error).toMatchObject({ code: 'object-exists', outcomeUnknown: true });
  });

  it('is a plain "object-exists" when nothing was lost', async () => {
    const { box } = await openLab();
    await box.put('k', 'hello');
    const error = await failureOf(box.put('k', 'hello', { ifNoneMatch: '*' }));
    expect(error).toMatchObject({ code: 'object-exists', outcomeUnknown: false, attempts: 1 });
  });

  it('over a known version never claims what may be the write of another with the same bytes', async () => {
    let armed = false;
    const { box } = await openLab({
      retry: { baseDelayMs: 0 },
      after: (call, result) => {
        if (call !== 'put' || !armed) return result;
        armed = false;
        throw reset();
      },
    });
    const counter = await box.put('k', '5');
    armed = true;
    const error = await failureOf(box.put('k', '6', { ifMatch: counter.etag! }));
    expect(error).toMatchObject({ code: 'precondition-failed', outcomeUnknown: true, attempts: 2 });
  });

  it('without conditions is written again', async () => {
    const { box, calls } = await forgetfulLab('put', overwrite('world'));
    await box.put('k', 'hello');
    expect(await box.object('k').text()).toBe('hello');
    expect(calls.filter((call) => call === 'put')).toHaveLength(3);
  });

  it('is not sent again from a stream that can be read once', async () => {
    const { box, calls } = await forgetfulLab('put', undefined, { lacks: ['parts'] });
    const source = Readable.from([Buffer.from('hel'), Buffer.from('lo')]);
    const error = await failureOf(box.put('k', source, { ifNoneMatch: '*' }));
    expect(error).toMatchObject({ code: 'unavailable', outcomeUnknown: true, attempts: 1 });
    expect(calls).toEqual(['put']);
  });
});

/** A store that loses the first answer and tells no digests. */
async function openBlind(): Promise<Lab> {
  let lost = false;
  return openLab({
    retry: { baseDelayMs: 0 },
    after: (call, result) => {
      if (call === 'stat') return { ...(result as object), checksums: undefined };
      if (call !== 'put' || lost) return result;
      lost = true;
      throw reset();
    },
  });
}
