import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** A line that `processes/upload.ts` prints. */
export interface UploadStep {
  readonly token?: string;
  readonly receivedBytes?: number;
  readonly transferred?: number;
  readonly done?: boolean;
  readonly sha256?: string;
  /** Numbers of the parts that this process sent. */
  readonly sent?: readonly number[];
}

/** Starts the program, until the test ends at the latest. */
export function startUploader(program: string, job: object): ChildProcess {
  const child = spawn(process.execPath, [program, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

export async function* stepsOf(child: ChildProcess): AsyncGenerator<UploadStep> {
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout! })) yield JSON.parse(line) as UploadStep;
  await exited;
}
