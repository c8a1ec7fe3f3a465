import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PieceQueue } from '../../src/transfer/download-pieces.js';
import { planDownload } from '../../src/transfer/plan.js';

it('gives every piece once: one taker goes up from the front, the others down from the back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3000 }), fc.array(fc.boolean()), (size, turns) => {
      const queue = new PieceQueue(planDownload({ start: 7, end: 7 + size }, { partSize: 100 }));
      const [front, back]: [number[], number[]] = [[], []];
      for (let turn = 0; turn < 40; turn++) {
        const isFront = turns[turn] ?? true;
        const piece = isFront ? queue.takeFirst() : queue.takeLast();
        if (piece) (isFront ? front : back).unshift(piece.index);
      }
      const all = [...front.reverse(), ...back];
      expect(all).toEqual(Array.from({ length: Math.ceil(size / 100) }, (_, index) => index));
      expect([queue.takeFirst(), queue.takeLast()]).toEqual([undefined, undefined]);
    }),
  );
});
