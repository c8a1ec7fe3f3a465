import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { countedBody } from '../src/index.js';

it('tells the bytes of each opening when it has ended, and not before', async () => {
  const tell = vi.fn();
  const body = countedBody({ open: () => Readable.from([Buffer.from('orange '), Buffer.from('over blue')]) }, tell);
  expect(body.size).toBeUndefined();
  const stream = body.open();
  expect(tell).not.toHaveBeenCalled();
  expect(await text(stream)).toBe('orange over blue');
  expect(tell).toHaveBeenCalledExactlyOnceWith(16);
  await text(body.open());
  expect(tell.mock.calls).toEqual([[16], [16]]);
});

it('fails as the source fails, and then tells nothing', async () => {
  const tell = vi.fn();
  const broken = (async function* () {
    yield Buffer.from('some');
    throw new Error('the disk broke');
  })();
  await expect(text(countedBody({ open: () => Readable.from(broken) }, tell).open())).rejects.toThrow('the disk broke');
  expect(tell).not.toHaveBeenCalled();
});

it('closes the source when nobody wants more', async () => {
  const source = Readable.from([Buffer.alloc(10), Buffer.alloc(10)]);
  const stream = countedBody({ open: () => source }, () => undefined).open();
  const closed = new Promise((resolve) => source.once('close', resolve));
  stream.destroy();
  await closed;
  expect(source.destroyed).toBe(true);
});
