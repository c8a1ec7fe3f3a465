import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Output } from '../src/output.js';
import { formatBytes, showProgress } from '../src/progress.js';

function terminal(isTTY: boolean): { output: Output; written: () => string } {
  const stderr = Object.assign(new PassThrough(), { isTTY, cursorTo: () => true, clearLine: () => true, columns: 100 });
  const output = new Output({ stdout: new PassThrough(), stderr }, { json: false, quiet: false });
  return { output, written: () => String(stderr.read() ?? '') };
}

it('shows how far the work is on a terminal', () => {
  const { output, written } = terminal(true);
  const bar = showProgress(output, 'photos/{a}\u001b.jpg', 200);
  const listener = bar.listener();
  listener?.({ transferred: 50, total: 100 });
  listener?.({ transferred: 100, total: 100 });
  bar.stop();
  expect(written()).toContain('photos/a\\u1b.jpg');
});

it('writes nothing where nobody looks', () => {
  const { output, written } = terminal(false);
  const bar = showProgress(output, 'photos');
  expect(bar.listener()).toBeUndefined();
  bar.stop();
  expect(written()).toBe('');
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [5e12, '5.0 TB'],
])('writes %d as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
