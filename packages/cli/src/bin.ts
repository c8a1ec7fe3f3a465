#!/usr/bin/env node
import { CommanderError } from 'commander';
import { AlreadyTold } from './already-told.js';
import { exitCodeOf, factsOf } from './exit-code.js';
import { printable } from './output.js';
import { createProgram } from './program.js';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const stopping = new AbortController();
let stoppedWith: number | undefined;

// The first signal ends the work in order, so that nothing stays half written; the second one does not wait for that.
for (const [name, code] of Object.entries(SIGNALS)) {
  process.on(name, () => {
    if (stoppedWith !== undefined) process.exit(code);
    stoppedWith = code;
    stopping.abort(new Error(`The process was told to stop (${name}).`));
  });
}

// A reader that has enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  stoppedWith ??= 0;
  stopping.abort(error);
});

function tell(error: unknown): void {
  if (error instanceof CommanderError || error instanceof AlreadyTold || stoppedWith === 0) return;
  const isJson = process.argv.includes('--json');
  const facts = factsOf(error);
  process.stderr.write(
    isJson ? `${JSON.stringify({ error: facts })}\n` : `stowage: ${printable(String(facts['message']))}\n`,
  );
}

try {
  await createProgram(process, stopping.signal).parseAsync(process.argv);
  process.exitCode = stoppedWith ?? process.exitCode ?? 0;
} catch (error) {
  process.exitCode = stoppedWith ?? exitCodeOf(error);
  tell(error);
}
