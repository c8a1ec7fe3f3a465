import { describe, expect, it } from 'vitest';
import { ContentFile } from '../../src/files/content-file.js';
import { vectors } from '../vectors.js';

async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The vectors leave long data out and tell its length, its first and its last characters. */
function dataOf({ data, len, head, tail }: (typeof vectors.files)[number]): string {
  return data ?? head.repeat(len - tail.length) + tail;
}

describe.each(vectors.files)('a ContentFile of $len bytes that ends in $tail', (vector) => {
  const bytes = Buffer.from(dataOf(vector));
  const file = new ContentFile(bytes);

  it('gives the lines that Django gives', async () => {
    const lines = await listOf(file);
    expect(lines.map((line) => line.length)).toEqual(vector.iter_lens);
    if (vector.iter) expect(lines.map(String)).toEqual(vector.iter);
    expect(Buffer.concat(lines)).toEqual(bytes);
  });

  it('gives the chunks that Django gives', async () => {
    const lengths = async (size?: number) => (await listOf(file.chunks(size))).map((chunk) => chunk.length);
    if (vector.chunks4) expect(await lengths(4)).toEqual(vector.chunks4);
    expect(await lengths()).toEqual(vector.chunks_default);
    expect(await file.multipleChunks()).toBe(vector.multiple);
  });

  it('tells its size', async () => expect(await file.size()).toBe(vector.size));
});

describe.each(vectors.strfiles)('a ContentFile of the text $data', (vector) => {
  it('gives the lines and chunks that Django gives, counted in characters', async () => {
    const file = new ContentFile(vector.data);
    expect(await listOf(file)).toEqual(vector.iter);
    expect(await listOf(file.chunks(2))).toEqual(vector.chunks2);
  });

  it('tells its size in the bytes that are stored, where Django counts characters', async () => {
    expect(await new ContentFile(vector.data).size()).toBe(Buffer.byteLength(vector.data));
    expect(Array.from(vector.data)).toHaveLength(vector.size);
  });
});
