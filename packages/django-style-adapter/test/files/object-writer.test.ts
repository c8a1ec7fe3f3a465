import { setImmediate } from 'node:timers/promises';
import type { UploadSource } from '@stowage/core';
import { describe, expect, it } from 'vitest';
import { ObjectWriter } from '../../src/files/object-writer.js';

const MIB = 1_048_576;

async function collect(source: UploadSource): Promise<Buffer> {
  if (Buffer.isBuffer(source)) return source;
  const chunks: Buffer[] = [];
  for await (const chunk of source as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('ObjectWriter', () => {
  it('sends a little content as bytes, once, when it is closed', async () => {
    const sent: UploadSource[] = [];
    const writer = new ObjectWriter(async (content) => sent.push(content));
    await writer.write(Buffer.from('one '));
    await writer.write(Buffer.from('two'));
    expect(sent).toEqual([]);
    await writer.close();
    expect(sent).toEqual([Buffer.from('one two')]);
  });

  it('sends much content as it comes, every byte of every write', async () => {
    const pieces = Array.from({ length: 30 }, (_, index) => Buffer.alloc(100_000, index));
    let received: Buffer | undefined;
    const writer = new ObjectWriter(async (content) => {
      received = await collect(content);
    });
    for (const piece of pieces) await writer.write(piece);
    await writer.close();
    expect(received?.equals(Buffer.concat(pieces))).toBe(true);
    expect(writer.size).toBe(3_000_000);
  });

  it('waits for a slow receiver instead of holding everything', async () => {
    let release = (): void => undefined;
    const receiver = new Promise<void>((resolve) => (release = resolve));
    const writer = new ObjectWriter(async (content) => {
      await receiver;
      await collect(content);
    });
    let written = 0;
    const writing = (async () => {
      for (let index = 0; index < 20; index += 1) {
        await writer.write(Buffer.alloc(MIB));
        written += 1;
      }
    })();
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
    expect(written).toBeLessThan(4);
    release();
    await writing;
    await writer.close();
    expect(written).toBe(20);
  });

  it('is free to have its memory used again after a write', async () => {
    let received: Buffer | undefined;
    const writer = new ObjectWriter(async (content) => {
      received = await collect(content);
    });
    const piece = Buffer.from('aaa');
    await writer.write(piece);
    piece.fill('b');
    await writer.close();
    expect(String(received)).toBe('aaa');
  });

  it('tells a failed upload to the next write, and to close', async () => {
    const writer = new ObjectWriter(async () => {
      throw new Error('no room');
    });
    const writeAll = async () => {
      for (let index = 0; index < 20; index += 1) await writer.write(Buffer.alloc(MIB));
    };
    await expect(writeAll()).rejects.toThrow('no room');
    await expect(writer.close()).rejects.toThrow('no room');
  });

  it('aborts an upload under way and sends nothing that is only held', async () => {
    let outcome: unknown;
    let calls = 0;
    const open = () =>
      new ObjectWriter(async (content, { signal }) => {
        calls += 1;
        outcome = await collect(content).catch((error: unknown) => error);
        signal.throwIfAborted();
      });
    const large = open();
    await large.write(Buffer.alloc(2 * MIB));
    await large.abort();
    expect(outcome).toBeInstanceOf(Error);
    const small = open();
    await small.write(Buffer.alloc(10));
    await small.abort();
    expect(calls).toBe(1);
  });
});
