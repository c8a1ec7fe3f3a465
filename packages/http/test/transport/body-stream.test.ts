import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { BodyStream } from '../../src/transport/body-stream.js';

it('fails only after whoever awaits it had time to listen', async () => {
  const stream = new BodyStream({ resume: () => undefined, drop: () => undefined });
  stream.destroy(new Error('cut off'));
  await new Promise((resolve) => {
    process.nextTick(resolve);
  });
  await expect(buffer(stream)).rejects.toThrow('cut off');
});
