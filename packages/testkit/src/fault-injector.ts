import { type Readable, Transform } from 'node:stream';
import { type PutBody, type ReadResult, StorageError, type StorageDriver } from '@stowage/core/spi';
import { type CallHook, wrapCalls } from './observe.js';

/** What goes wrong with one call. `error` defaults to a retryable `unavailable`. */
export type Fault =
  /** Fails before the driver is called. */
  | { readonly kind: 'fail'; readonly error?: Error | undefined }
  /** Calls the driver later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Has the driver do it, and then fails: the answer was lost. */
  | { readonly kind: 'lose-response'; readonly error?: Error | undefined }
  /** Ends a body after so many bytes, as if it were whole: that of a read, or the one that a put sends. */
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  /** Breaks a body after so many bytes. */
  | { readonly kind: 'reset'; readonly afterBytes: number; readonly error?: Error | undefined }
  /** Inverts one byte of a body. */
  | { readonly kind: 'corrupt'; readonly atByte: number }
  /** Answers a listing with the token that it was asked with, or with its own first one. */
  | { readonly kind: 'repeat-token' };

/** A fault and the calls that it befalls. */
export interface PlannedFault {
  /** A call such as `read`, `put` or `parts.put`. */
  readonly on: string;
  /** Counted from 1 among the calls of this name. Default 1. */
  readonly from?: number | undefined;
  /** How many calls in a row; `Infinity` for all. Default 1. */
  readonly times?: number | undefined;
  readonly fault: Fault;
}

/** A driver that fails as planned; `injected` names the faults that came to pass, such as `reset read 2`. */
export interface FaultyDriver {
  readonly driver: StorageDriver;
  readonly injected: () => readonly string[];
}

/** Makes a driver that does what another one does, but for the faults of a plan: the same ones every time. */
export function faultInjector(driver: StorageDriver, plan: readonly PlannedFault[]): FaultyDriver {
  const counts = new Map<string, number>();
  const injected: string[] = [];
  const hook: CallHook = (name, call, args) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const isDue = ({ on, from = 1, times = 1 }: PlannedFault): boolean =>
      on === name && count >= from && count < from + times;
    const due = plan.find(isDue);
    if (!due) return call();
    injected.push(`${due.fault.kind} ${name} ${count}`);
    return inject(due.fault, call, args);
  };
  return { driver: wrapCalls(driver, hook), injected: () => injected };
}

async function inject(fault: Fault, call: (...args: unknown[]) => unknown, args: readonly unknown[]): Promise<unknown> {
  switch (fault.kind) {
    case 'fail':
      throw fault.error ?? unavailable(false);
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      return call();
    case 'lose-response':
      await call();
      throw fault.error ?? unavailable(true);
    case 'repeat-token': {
      const asked = args.find((arg): arg is { token?: string } => typeof arg === 'object' && arg !== null);
      const page = (await call()) as { next?: string };
      return { ...page, next: asked?.token ?? page.next ?? 'the-first-token' };
    }
    case 'truncate':
    case 'reset':
    case 'corrupt': {
      const sent = args.findIndex(isBody);
      if (sent < 0) return damageRead((await call()) as ReadResult, fault);
      const damaged = args.map((arg, index) => (index === sent ? damagePut(arg as PutBody, fault) : arg));
      return call(...damaged);
    }
  }
}

type Damage = Extract<Fault, { kind: 'truncate' | 'reset' | 'corrupt' }>;

function damageRead(result: ReadResult, damage: Damage): ReadResult {
  if (result.bytes) return { ...result, bytes: damageBytes(result.bytes, damage) };
  const { stream } = result;
  const damaged = stream.pipe(damageStream(damage));
  stream.once('error', (error) => damaged.destroy(error));
  damaged.once('close', () => stream.destroy());
  return { ...result, stream: damaged };
}

function damagePut(body: PutBody, damage: Damage): PutBody {
  const open = (): Readable => {
    const source = body.open();
    const damaged = source.pipe(damageStream(damage));
    source.once('error', (error) => damaged.destroy(error));
    damaged.once('close', () => source.destroy());
    return damaged;
  };
  if (!body.bytes || damage.kind === 'reset') return { ...body, bytes: undefined, open };
  return { ...body, bytes: damageBytes(body.bytes, damage), open };
}

function damageBytes(bytes: Buffer, damage: Damage): Buffer {
  if (damage.kind === 'reset') throw damage.error ?? unavailable(true);
  if (damage.kind === 'truncate') return bytes.subarray(0, damage.afterBytes);
  const corrupted = Buffer.from(bytes);
  if (damage.atByte < corrupted.length) corrupted[damage.atByte] = ~(corrupted[damage.atByte] ?? 0) & 0xff;
  return corrupted;
}

function damageStream(damage: Damage): Transform {
  let position = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const start = position;
      position += chunk.length;
      if (damage.kind === 'corrupt') {
        const at = damage.atByte - start;
        done(null, at >= 0 && at < chunk.length ? damageBytes(chunk, { kind: 'corrupt', atByte: at }) : chunk);
        return;
      }
      const left = damage.afterBytes - start;
      if (left > 0) this.push(chunk.subarray(0, left));
      if (left > chunk.length) done();
      else if (damage.kind === 'reset') this.destroy(damage.error ?? unavailable(true));
      else this.push(null);
    },
  });
}

function isBody(arg: unknown): arg is PutBody {
  return typeof arg === 'object' && arg !== null && 'open' in arg && 'replayable' in arg;
}

function unavailable(requestSent: boolean): StorageError {
  return new StorageError('unavailable', 'The connection was lost, as the test planned.', { requestSent });
}
