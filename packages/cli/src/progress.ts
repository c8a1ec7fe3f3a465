import type { Progress, ProgressListener } from '@stowage/core';
import { type Options, SingleBar } from 'cli-progress';
import type { Output } from './output.js';
import { printable } from './output.js';

/** Shows how far the work is; does nothing where nobody looks. */
export interface ProgressBar {
  /** Fit for the `onProgress` of one transfer; each transfer has its own. */
  listener(): ProgressListener | undefined;
  stop(): void;
}

const NO_BAR: ProgressBar = { listener: () => undefined, stop: () => undefined };

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `1_234_567` -> `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? `${bytes} B` : `${(bytes / 1000 ** power).toFixed(1)} ${UNITS[power] ?? ''}`;
}

/**
 * Shows a bar on the standard error stream, when that is a terminal and a person reads it. `totalBytes` is undefined while nobody
 * knows; then a single transfer tells.
 */
export function showProgress(output: Output, title: string, totalBytes?: number): ProgressBar {
  if (output.quiet || output.json || output.stderr.isTTY !== true) return NO_BAR;
  const options: Options = {
    stream: output.stderr,
    format: `${printable(title).replace(/[{}]/g, '')} {bar} {percentage}% {size} {rate}/s`,
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    // The transfer's own abort ends the bar; a second handler of signals would end the process too early.
    gracefulExit: false,
  };
  const bar = new SingleBar(options);
  const startedMs = Date.now();
  let done = 0;
  let total = totalBytes ?? 0;
  const facts = (): object => ({
    size: formatBytes(done),
    rate: formatBytes(Math.round(done / Math.max(0.001, (Date.now() - startedMs) / 1000))),
  });
  bar.start(total, 0, facts());
  return {
    listener: () => {
      let before = 0;
      return (progress: Progress) => {
        done += progress.transferred - before;
        before = progress.transferred;
        if (totalBytes === undefined && progress.total !== undefined) bar.setTotal((total = progress.total));
        bar.update(Math.min(done, total), facts());
      };
    },
    stop: () => bar.stop(),
  };
}
