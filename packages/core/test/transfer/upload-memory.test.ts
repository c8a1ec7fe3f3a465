import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { upload } from '../../src/transfer/upload.js';
import { KIB, Lab, MIB } from './lab.js';

/** Gives `total` bytes, and counts how many left. */
function counted(total: number, chunkBytes: number): { stream: Readable; given: () => number } {
  const chunk = Buffer.alloc(chunkBytes, 'stowage');
  let given = 0;
  const stream = new Readable({
    highWaterMark: chunkBytes,
    read() {
      const size = Math.min(chunkBytes, total - given);
      given += size;
      this.push(size > 0 ? chunk.subarray(0, size) : null);
    },
  });
  return { stream, given: () => given };
}

describe('300 MB of unknown length', () => {
  const TOTAL = 300 * 1000 * 1000;

  it('pass through parts within part size times (concurrency + 1), and the source waits for the store', async () => {
    const [partSize, concurrency] = [4 * MIB, 3];
    const lab = new Lab({ keep: false });
    const { stream, given } = counted(TOTAL, 64 * KIB);
    /** Memory of parts, each counted once from the first request that shows it until the last that has done with it. */
    let [arrived, mostWaiting] = [0, 0];
    lab.before = ({ name, size }) => {
      if (name !== 'putPart') return;
      mostWaiting = Math.max(mostWaiting, given() - arrived);
      arrived += size!;
    };
    const { record } = await upload(lab.context, lab.ref(), stream, { partSize, concurrency });
    expect(record.size).toBe(TOTAL);
    expect(lab.count('putPart')).toBe(Math.ceil(TOTAL / partSize));
    expect(lab.mostUnderWay).toBe(concurrency);
    // What the driver holds at once, by the memory behind its bodies and not only by the bodies.
    expect(lab.mostHeldBytes).toBeGreaterThan(0);
    expect(lab.mostHeldBytes).toBeLessThanOrEqual(partSize * concurrency);
    // What left the source and has not arrived: parts, and the chunks that the stream itself holds.
    expect(mostWaiting).toBeLessThanOrEqual(partSize * (concurrency + 1) + 4 * 64 * KIB);
  });

  it('(or fewer) use the same few buffers again and again', async () => {
    const lab = new Lab({ keep: false });
    const memory = new Set<ArrayBufferLike>();
    const { parts } = lab.driver;
    const send = parts!.put.bind(parts);
    parts!.put = (to, part, body, ctx) => {
      memory.add(body.bytes!.buffer);
      return send(to, part, body, ctx);
    };
    await upload(lab.context, lab.ref(), counted(60 * MIB, MIB).stream, { partSize: 4 * MIB, concurrency: 3 });
    // The first part's own, and one for each part that is sent or read at the same time.
    expect(memory.size).toBeLessThanOrEqual(3 + 1 + 1);
  });
});

it('a small stream of unknown length does not cost the memory of a part', async () => {
  const lab = new Lab();
  await upload(lab.context, lab.ref(), Readable.from(['a few bytes']), { partSize: 64 * MIB });
  expect(lab.mostHeldBytes).toBeLessThanOrEqual(64 * KIB);
});
