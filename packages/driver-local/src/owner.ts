import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Whether the process that left something behind still runs; `unknown` when it runs, or ran, where we cannot look. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** Names this process so that another one can tell whether it still runs: `<machine>.<pid>.<start>`. */
export function ownName(): string {
  own ??= `${machineName()}.${process.pid}.${startOf(process.pid)?.start ?? '0'}`;
  return own;
}
let own: string | undefined;

export const OWNER_PATTERN = '[0-9a-f]{12}\\.\\d+\\.\\d+';
const OWNER = /^([0-9a-f]{12})\.(\d+)\.(\d+)$/;

/** Tells whether the process of that name still runs. A number given out again by the system is not taken for the old process. */
export function livenessOf(name: string): Liveness {
  const [, machine, pid, start] = OWNER.exec(name) ?? [];
  if (machine === undefined || machine !== machineName()) return 'unknown';
  if (!runs(Number(pid))) return 'dead';
  const now = startOf(Number(pid));
  return now && start !== '0' && (now.start !== start || now.isZombie) ? 'dead' : 'alive';
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** One name for each start of a machine and each set of process numbers: containers that share a volume do not share those. */
function machineName(): string {
  machine ??= createHash('sha256').update(`${hostname()}\n${bootId()}\n${pidNamespace()}`).digest('hex').slice(0, 12);
  return machine;
}
let machine: string | undefined;

const bootId = (): string => orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
const pidNamespace = (): string => orEmpty(() => readlinkSync('/proc/self/ns/pid'));

/** Start of a process in ticks since the machine started, where the system tells; see proc_pid_stat(5). */
function startOf(pid: number): { readonly start: string; readonly isZombie: boolean } | undefined {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const start = fields[19];
  return start === undefined ? undefined : { start, isZombie: state === 'Z' || state === 'X' };
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
