import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Caller, createCaller, type RetryOptions } from '../../src/call/caller.js';
import { isStorageError, StorageError } from '../../src/errors/storage-error.js';
import type { CallContext } from '../../src/spi/context.js';
import { createHost } from '../../src/spi/host.js';

/** Random bytes that always give the whole of the bound that jitter may use, less one part in 2^32. */
const fullShare = (size: number): Buffer => Buffer.alloc(size, 0xff);

interface Setting {
  readonly retry?: RetryOptions | false;
  readonly timeoutMs?: number;
  readonly secrets?: readonly string[];
  readonly randomBytes?: (size: number) => Buffer;
}

let closing: AbortController;

function callerWith({ retry = {}, timeoutMs = 60_000, secrets = [], randomBytes = fullShare }: Setting = {}): Caller {
  const host = createHost({ randomBytes });
  return createCaller({ provider: 'lab', host, retry, timeoutMs, secrets, closed: closing.signal });
}

const put = { operation: 'put', container: 'c', key: 'k', changes: true };
const stat = { operation: 'stat', container: 'c', key: 'k' };
const unavailable = (facts: object = {}): StorageError => new StorageError('unavailable', 'Try later.', facts);

/** An attempt that gives these results in turn: a value, or an error to reject with. */
function answering(...answers: readonly unknown[]): {
  attempt: (ctx: CallContext) => Promise<unknown>;
  calls: CallContext[];
} {
  const calls: CallContext[] = [];
  const attempt = async (ctx: CallContext): Promise<unknown> => {
    calls.push(ctx);
    const answer = answers[Math.min(calls.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { attempt, calls };
}

/** Never settles until its signal fires, as a request on a socket does. */
const hanging = (ctx: CallContext): Promise<never> =>
  new Promise((_, reject) => {
    ctx.signal?.addEventListener('abort', () => reject(ctx.signal?.reason as Error));
  });

async function failureOf(promise: Promise<unknown>): Promise<StorageError> {
  try {
    await promise;
  } catch (error) {
    if (isStorageError(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

beforeEach(() => {
  closing = new AbortController();
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Starts a call, lets its waits pass, and gives what it came to. */
async function finish<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  await vi.runAllTimersAsync();
  return promise;
}

describe('attempts', () => {
  it('gives the result of the first attempt that succeeds', async () => {
    const { attempt, calls } = answering(unavailable(), unavailable(), 'done');
    expect(await finish(callerWith().run(stat, {}, attempt))).toBe('done');
    expect(calls.map((ctx) => ctx.attempt)).toEqual([1, 2, 3]);
  });

  it('makes four attempts by default and says so', async () => {
    const { attempt, calls } = answering(unavailable({ requestId: 'r1' }));
    const error = await failureOf(finish(callerWith().run(stat, {}, attempt)));
    expect(calls).toHaveLength(4);
    expect(error).toMatchObject({
      code: 'unavailable',
      attempts: 4,
      provider: 'lab',
      operation: 'stat',
      container: 'c',
      key: 'k',
      requestId: 'r1',
    });
  });

  it.each([
    ['retry: false', { retry: false } as const, {}],
    ['a body that cannot be sent again', {}, { replayable: false }],
  ])('makes one attempt with %s', async (_, setting, subject) => {
    const { attempt, calls } = answering(unavailable());
    const error = await failureOf(finish(callerWith(setting).run({ ...put, ...subject }, {}, attempt)));
    expect(calls).toHaveLength(1);
    expect(error.attempts).toBe(1);
  });

  it('does not repeat what cannot succeed', async () => {
    const { attempt, calls } = answering(new StorageError('permission-denied', 'No.'));
    await failureOf(finish(callerWith().run(stat, {}, attempt)));
    expect(calls).toHaveLength(1);
  });

  it('heeds an error that says whether it is retryable', async () => {
    const never = answering(unavailable({ retryable: false }));
    const always = answering(new StorageError('unknown', 'Odd.', { retryable: true }), 'done');
    await failureOf(finish(callerWith().run(stat, {}, never.attempt)));
    expect(never.calls).toHaveLength(1);
    expect(await finish(callerWith().run(stat, {}, always.attempt))).toBe('done');
  });

  it('treats an attempt that throws at once as one that rejects', async () => {
    const error = await failureOf(
      callerWith({ retry: false }).run(stat, {}, () => {
        throw new TypeError('no promise');
      }),
    );
    expect(error).toMatchObject({ code: 'unknown', message: 'stat failed: no promise' });
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  it.each([
    ['attempts', 0],
    ['baseDelayMs', -1],
    ['maxDelayMs', 1.5],
    ['budget', Number.NaN],
    ['tries', 3],
  ])('refuses the retry option %s: %d', (name, value) => {
    expect(() => callerWith({ retry: { [name]: value } as RetryOptions })).toThrow(`"${name}"`);
  });
});

describe('waits', () => {
  const waits = async (setting: Setting, ...answers: readonly unknown[]): Promise<number[]> => {
    const times: number[] = [];
    const { attempt } = answering(...answers);
    const call = callerWith(setting).run(stat, { timeoutMs: Infinity }, async (ctx) => {
      times.push(performance.now());
      return attempt(ctx);
    });
    await finish(call.catch(() => undefined));
    return times.slice(1).map((time, index) => Math.round(time - (times[index] as number)));
  };

  it('waits up to a bound that doubles', async () => {
    expect(await waits({}, unavailable())).toEqual([100, 200, 400]);
  });

  it('waits no longer than maxDelayMs', async () => {
    expect(await waits({ retry: { attempts: 6, maxDelayMs: 300 } }, unavailable())).toEqual([100, 200, 300, 300, 300]);
  });

  it('spreads waits over the whole range below the bound', async () => {
    const randomBytes = (size: number): Buffer => Buffer.alloc(size);
    expect(await waits({ randomBytes }, unavailable())).toEqual([0, 0, 0]);
  });

  it('waits as long as the server asks, and a little more', async () => {
    const randomBytes = (size: number): Buffer => Buffer.from('80000000', 'hex').subarray(0, size);
    const slow = new StorageError('rate-limited', 'Slow down.', { retryAfterMs: 5_000 });
    expect(await waits({ randomBytes }, slow, 'done')).toEqual([5_050]);
  });

  it('fails at once when the server asks for more than maxRetryAfterMs', async () => {
    const slow = new StorageError('rate-limited', 'Slow down.', { retryAfterMs: 90_000, status: 429 });
    const error = await failureOf(callerWith().run(stat, { timeoutMs: Infinity }, answering(slow).attempt));
    expect(error).toMatchObject({ code: 'rate-limited', retryAfterMs: 90_000, attempts: 1, status: 429 });
    expect(error.message).toContain('90000 ms');
  });

  it('fails at once when the server asks for more than is left of the deadline', async () => {
    const slow = new StorageError('rate-limited', 'Slow down.', { retryAfterMs: 5_000 });
    const error = await failureOf(callerWith().run(stat, { timeoutMs: 4_000 }, answering(slow).attempt));
    expect(error).toMatchObject({ code: 'rate-limited', retryAfterMs: 5_000, attempts: 1 });
    expect(error.message).toContain('deadline');
  });
});

describe('an error that the driver has mended', () => {
  const mended = new StorageError('unauthenticated', 'The token was revoked; another was fetched.', { mended: true });

  it('is followed by the next attempt at once, without a charge to the budget', async () => {
    const caller = callerWith({ retry: { budget: 0 } });
    const { attempt, calls } = answering(mended, 'done');
    expect(await caller.run(stat, {}, attempt)).toBe('done');
    expect(calls).toHaveLength(2);
  });

  it('still ends with the last attempt', async () => {
    const caller = callerWith({ retry: { attempts: 2 } });
    const { attempt, calls } = answering(mended);
    expect(await failureOf(caller.run(stat, {}, attempt))).toMatchObject({ code: 'unauthenticated', attempts: 2 });
    expect(calls).toHaveLength(2);
  });
});

describe('the retry budget', () => {
  it('stops retries of all calls when too many failed', async () => {
    const caller = callerWith({ retry: { budget: 12, attempts: 3 } });
    const first = answering(unavailable());
    await failureOf(finish(caller.run(stat, {}, first.attempt)));
    expect(first.calls).toHaveLength(3);
    const second = answering(unavailable());
    const error = await failureOf(finish(caller.run(stat, {}, second.attempt)));
    expect(second.calls).toHaveLength(1);
    expect(error.message).toContain('retry budget');
  });

  it('gives back what a call took that succeeds in the end', async () => {
    const caller = callerWith({ retry: { budget: 5 } });
    for (let round = 0; round < 20; round++) {
      expect(await finish(caller.run(stat, {}, answering(unavailable(), 'done').attempt))).toBe('done');
    }
  });

  it('grows by one with each call that succeeds at once', async () => {
    const caller = callerWith({ retry: { budget: 5, attempts: 2 } });
    await failureOf(finish(caller.run(stat, {}, answering(unavailable()).attempt)));
    for (let round = 0; round < 5; round++) await caller.run(stat, {}, answering('done').attempt);
    const { attempt, calls } = answering(unavailable(), 'done');
    expect(await finish(caller.run(stat, {}, attempt))).toBe('done');
    expect(calls).toHaveLength(2);
  });

  it('charges a retry after a timeout double', async () => {
    const caller = callerWith({ retry: { budget: 9 } });
    const { attempt, calls } = answering(new StorageError('timeout', 'No answer.'));
    await failureOf(finish(caller.run(stat, {}, attempt)));
    expect(calls).toHaveLength(1);
  });
});

describe('ends of a call', () => {
  it('rejects with "aborted" and the reason when the signal fires', async () => {
    const controller = new AbortController();
    const call = failureOf(callerWith().run(put, { signal: controller.signal }, hanging));
    const reason = new Error('The user left.');
    controller.abort(reason);
    const error = await call;
    expect(error).toMatchObject({
      code: 'aborted',
      operation: 'put',
      key: 'k',
      retryable: false,
      outcomeUnknown: true,
    });
    expect(error.cause).toBe(reason);
  });

  it('takes a StorageError as a reason like any other', async () => {
    const controller = new AbortController();
    const call = failureOf(callerWith().run(stat, { signal: controller.signal }, hanging));
    const reason = new StorageError('object-not-found', 'Another call failed.');
    controller.abort(reason);
    const error = await call;
    expect(error.code).toBe('aborted');
    expect(error.cause).toBe(reason);
  });

  it('makes no attempt when the signal fired before', async () => {
    const { attempt, calls } = answering('done');
    const error = await failureOf(callerWith().run(put, { signal: AbortSignal.abort('early') }, attempt));
    expect(error).toMatchObject({ code: 'aborted', cause: 'early', attempts: 0, outcomeUnknown: false });
    expect(calls).toHaveLength(0);
  });

  it('keeps a result that came in spite of the signal', async () => {
    const controller = new AbortController();
    const call = callerWith().run(put, { signal: controller.signal }, async () => {
      controller.abort();
      return 'written';
    });
    expect(await call).toBe('written');
  });

  it('rejects with "timeout" after timeoutMs, retries included', async () => {
    const started = performance.now();
    const { attempt, calls } = answering(unavailable());
    const call = callerWith().run(stat, { timeoutMs: 250 }, async (ctx) =>
      calls.length < 1 ? attempt(ctx) : hanging(ctx),
    );
    const error = await failureOf(finish(call));
    expect(error).toMatchObject({ code: 'timeout', attempts: 2 });
    expect(performance.now() - started).toBeCloseTo(250, -1);
  });

  it('ends a call without options at the default deadline or up to a second later', async () => {
    const caller = callerWith({ timeoutMs: 3_000 });
    const ends: number[] = [];
    const started = performance.now();
    const begin = (): Promise<unknown> =>
      caller.run(stat, {}, hanging).catch(() => ends.push(performance.now() - started));
    const calls = [begin()];
    await vi.advanceTimersByTimeAsync(900);
    calls.push(begin());
    await vi.runAllTimersAsync();
    await Promise.all(calls);
    expect(ends).toHaveLength(2);
    expect(ends[0]).toBeGreaterThanOrEqual(3_000);
    expect(ends[0]).toBeLessThanOrEqual(4_000);
    expect(ends[1]).toBeGreaterThanOrEqual(3_900);
    expect(ends[1]).toBeLessThanOrEqual(4_900);
  });

  it('gives a call that carries a body no deadline by default', async () => {
    let settled = false;
    const call = callerWith().run({ ...put, timeoutMs: Infinity }, {}, hanging);
    call.catch(() => undefined).finally(() => (settled = true));
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    expect(settled).toBe(false);
    closing.abort(new StorageError('closed', 'Closed.'));
    expect((await failureOf(call)).code).toBe('closed');
  });

  it('rejects calls under way and later ones with "closed"', async () => {
    const caller = callerWith();
    const options = [{}, { signal: new AbortController().signal }, { timeoutMs: 1_000 }];
    const underWay = options.map((each) => failureOf(caller.run(stat, each, hanging)));
    closing.abort(new StorageError('closed', 'The storage was closed.'));
    for (const error of await Promise.all(underWay)) expect(error.code).toBe('closed');
    const { attempt, calls } = answering('done');
    expect((await failureOf(caller.run(stat, {}, attempt))).code).toBe('closed');
    expect(calls).toHaveLength(0);
  });

  it('ends a wait between attempts at once when the signal fires', async () => {
    const controller = new AbortController();
    const { attempt, calls } = answering(unavailable());
    const call = failureOf(
      callerWith({ retry: { baseDelayMs: 10_000 } }).run(put, { signal: controller.signal }, attempt),
    );
    await vi.advanceTimersByTimeAsync(5);
    controller.abort();
    expect((await call).code).toBe('aborted');
    expect(calls).toHaveLength(1);
  });

  it('leaves a driver that does not heed its signal, after a while', async () => {
    const controller = new AbortController();
    const deaf = (): Promise<never> => new Promise(() => undefined);
    const call = failureOf(callerWith().run(stat, { signal: controller.signal }, deaf));
    controller.abort();
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await call).code).toBe('aborted');
  });

  it('leaves no timer and no listener behind', async () => {
    const controller = new AbortController();
    const remove = vi.spyOn(controller.signal, 'removeEventListener');
    const add = vi.spyOn(controller.signal, 'addEventListener');
    await callerWith().run(stat, { signal: controller.signal, timeoutMs: 1_000 }, answering('done').attempt);
    // A signal's watch list goes with the turn of the event loop in which it became empty.
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(remove.mock.calls.length).toBeGreaterThanOrEqual(add.mock.calls.length);
  });
});

describe('work of several calls', () => {
  it('gives all calls one deadline', async () => {
    const caller = callerWith();
    const shared = caller.share({ timeoutMs: 1_000 });
    await vi.advanceTimersByTimeAsync(900);
    const call = failureOf(caller.run(stat, shared.options, hanging));
    await vi.advanceTimersByTimeAsync(100);
    expect(await call).toMatchObject({ code: 'timeout', operation: 'stat' });
    shared.end();
  });

  it('ends all calls when one has failed', async () => {
    const caller = callerWith();
    const shared = caller.share({});
    const calls = [1, 2].map(() => failureOf(caller.run(put, shared.options, hanging)));
    shared.abort(new Error('Part 3 failed.'));
    for (const error of await Promise.all(calls))
      expect(error).toMatchObject({ code: 'aborted', cause: { message: 'Part 3 failed.' } });
  });

  it("passes on the caller's signal", async () => {
    const controller = new AbortController();
    const caller = callerWith();
    const shared = caller.share({ signal: controller.signal });
    const call = failureOf(caller.run(put, shared.options, hanging));
    controller.abort('left');
    expect(await call).toMatchObject({ code: 'aborted', cause: 'left' });
  });

  it('leaves no listener at the signal of the caller after its end', () => {
    const controller = new AbortController();
    const remove = vi.spyOn(controller.signal, 'removeEventListener');
    const shared = callerWith().share({ signal: controller.signal, timeoutMs: 5_000 });
    shared.end();
    expect(remove).toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('lost answers', () => {
  const lost = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  const refused = Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' });
  const exists = new StorageError('object-exists', 'It exists.');

  it('says that the outcome is unknown when a later attempt is refused', async () => {
    const error = await failureOf(finish(callerWith().run(put, {}, answering(lost, exists).attempt)));
    expect(error).toMatchObject({ code: 'object-exists', outcomeUnknown: true, attempts: 2 });
  });

  it.each([
    ['a request that was never sent', refused],
    ['a request that was refused', new StorageError('rate-limited', 'Slow down.', { status: 503 })],
    ['a request that the driver knows was not sent', unavailable({ requestSent: false })],
  ])('says nothing of the kind after %s', async (_, first) => {
    const error = await failureOf(finish(callerWith().run(put, {}, answering(first, exists).attempt)));
    expect(error).toMatchObject({ code: 'object-exists', outcomeUnknown: false });
  });

  it('says nothing of the kind for a call that changes nothing', async () => {
    const missing = new StorageError('object-not-found', 'Missing.');
    const error = await failureOf(finish(callerWith().run(stat, {}, answering(lost, missing).attempt)));
    expect(error).toMatchObject({ code: 'object-not-found', outcomeUnknown: false });
  });

  it('lets the call find out what became of its first attempt', async () => {
    const reconcile = vi.fn(async () => ({ value: 'it was ours' }));
    expect(await finish(callerWith().run<unknown>(put, {}, answering(lost, exists).attempt, reconcile))).toBe(
      'it was ours',
    );
    expect(reconcile).toHaveBeenCalledWith(exists, expect.objectContaining({ attempt: 1 }));
  });

  it('asks again when the question itself is lost', async () => {
    const reconcile = vi.fn(async () => ({ value: 'it was ours' })).mockRejectedValueOnce(lost);
    const result = await finish(callerWith().run<unknown>(put, {}, answering(lost, exists).attempt, reconcile));
    expect(result).toBe('it was ours');
    expect(reconcile).toHaveBeenCalledTimes(2);
  });

  it('keeps the refusal when nobody can tell, or the question itself fails', async () => {
    for (const reconcile of [async () => undefined, () => Promise.reject(new Error('stat failed'))]) {
      const error = await failureOf(finish(callerWith().run(put, {}, answering(lost, exists).attempt, reconcile)));
      expect(error).toMatchObject({ code: 'object-exists', outcomeUnknown: true });
    }
  });

  it('does not ask after a refusal of the first attempt', async () => {
    const reconcile = vi.fn(async () => ({ value: 1 }));
    await failureOf(finish(callerWith().run(put, {}, answering(exists).attempt, reconcile)));
    expect(reconcile).not.toHaveBeenCalled();
  });
});

describe('errors', () => {
  it.each([
    ['ECONNRESET', 'unavailable'],
    ['EPIPE', 'unavailable'],
    ['ENOTFOUND', 'unavailable'],
    ['UND_ERR_SOCKET', 'unavailable'],
    ['ETIMEDOUT', 'timeout'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
  ])('calls %s "%s" and tries again', async (code, expected) => {
    const cause = Object.assign(new Error('low level'), { code });
    const nested = Object.assign(new TypeError('fetch failed'), { cause });
    for (const thrown of [cause, nested]) {
      const { attempt, calls } = answering(thrown);
      const error = await failureOf(finish(callerWith({ retry: { attempts: 2 } }).run(stat, {}, attempt)));
      expect(error).toMatchObject({ code: expected, providerCode: code, retryable: true, attempts: 2 });
      expect(error.cause).toBe(thrown);
      expect(calls).toHaveLength(2);
    }
  });

  it('keeps what is not an Error as the cause', async () => {
    const error = await failureOf(
      callerWith().run(stat, {}, async () => {
        throw 'just text';
      }),
    );
    expect(error).toMatchObject({ code: 'unknown', message: 'stat failed: just text', cause: 'just text' });
  });

  it('does not change the error that a driver rejects with', async () => {
    const original = new StorageError('permission-denied', 'No.', { providerCode: 'AccessDenied' });
    const dressed = await failureOf(callerWith().run(stat, {}, answering(original).attempt));
    expect(dressed).not.toBe(original);
    expect(dressed).toMatchObject({ providerCode: 'AccessDenied', provider: 'lab' });
    expect(original.provider).toBeUndefined();
  });

  it('keeps what failed while cleaning up, without secrets', async () => {
    const original = new StorageError('unavailable', 'No.', { retryable: false });
    original.cleanUpError = new Error('cannot free parts with s3cret-key');
    const dressed = await failureOf(callerWith({ secrets: ['s3cret-key'] }).run(stat, {}, answering(original).attempt));
    expect(dressed.cleanUpError).toMatchObject({ message: 'cannot free parts with [redacted]' });
  });

  it('shows where the driver failed', async () => {
    async function driverFunction(): Promise<never> {
      throw new StorageError('permission-denied', 'No.');
    }
    const error = await failureOf(callerWith().run(stat, {}, driverFunction));
    expect(error.stack).toContain('driverFunction');
    expect(error.stack).toMatch(/^StorageError: No\./);
  });

  it('dresses an error outside a call, once', () => {
    const caller = callerWith();
    const dressed = caller.dress(new StorageError('checksum-mismatch', 'Damaged.'), stat);
    expect(dressed).toMatchObject({ provider: 'lab', operation: 'stat', key: 'k' });
    expect(caller.dress(dressed, put)).toBe(dressed);
  });
});

describe('secrets', () => {
  const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY"\\';
  const spellings = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
  ];

  it.each(spellings)('do not show in message, stack, causes, JSON or inspect: %s', async (shown) => {
    class Reply extends Error {
      readonly body = { nested: [{ [shown]: `x${shown}` }], map: new Map([['authorization', shown]]) };
    }
    const deep = new Reply(`signed with ${shown}`, { cause: { headers: [shown], buffer: Buffer.from(`k=${shown}`) } });
    const thrown = new StorageError('unauthenticated', `Bad key ${shown}.`, { providerCode: shown, cause: deep });
    const error = await failureOf(callerWith({ secrets: [secret] }).run(stat, {}, answering(thrown).attempt));
    const printed = [
      error.message,
      error.stack,
      JSON.stringify(error),
      inspect(error, { depth: 20, showHidden: true }),
    ].join('\n');
    for (const spelling of spellings) expect(printed).not.toContain(spelling);
    expect(printed).toContain('[redacted]');
    expect(error.cause).toBeInstanceOf(Reply);
  });

  it('leave a cause alone that does not hold them', async () => {
    const cause = new Error('plain');
    const thrown = new StorageError('unauthenticated', 'Bad key.', { cause });
    const error = await failureOf(callerWith({ secrets: [secret] }).run(stat, {}, answering(thrown).attempt));
    expect(error.cause).toBe(cause);
  });

  it('do not show in a cause that goes round in a circle or is very large', async () => {
    const circle: Record<string, unknown> = { secret };
    circle['self'] = circle;
    circle['many'] = Array.from({ length: 5_000 }, (_, index) => ({ index, secret }));
    const thrown = new StorageError('unknown', 'Odd.', { cause: circle });
    const error = await failureOf(callerWith({ secrets: [secret] }).run(stat, {}, answering(thrown).attempt));
    const printed = inspect(error, { depth: 20, maxArrayLength: null });
    expect(printed).not.toContain(secret);
  });

  it('of one line in a key of many lines do not show', async () => {
    const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';
    const pem = `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----\n`;
    const thrown = new StorageError('unauthenticated', `Cannot parse ${line}`);
    const error = await failureOf(callerWith({ secrets: [pem] }).run(stat, {}, answering(thrown).attempt));
    expect(error.message).toBe('Cannot parse [redacted]');
  });

  it('shorter than four characters do not mask ordinary words', async () => {
    const thrown = new StorageError('unauthenticated', 'a bad key');
    const error = await failureOf(callerWith({ secrets: ['a', ''] }).run(stat, {}, answering(thrown).attempt));
    expect(error.message).toBe('a bad key');
  });
});

describe('the cost of a common call', () => {
  it.each([
    ['that carries a body', { ...put, timeoutMs: Infinity }],
    ['under the default deadline, after the first of its second', stat],
  ])('%s is no AbortSignal and no timer', async (_, subject) => {
    const caller = callerWith();
    await caller.run(subject, {}, answering('done').attempt);
    const timers = vi.getTimerCount();
    const controllers = vi.spyOn(globalThis, 'AbortController');
    const { attempt, calls } = answering('done');
    await Promise.all([caller.run(subject, {}, attempt), caller.run(subject, {}, attempt)]);
    expect(controllers).not.toHaveBeenCalled();
    controllers.mockRestore();
    expect(vi.getTimerCount()).toBe(timers);
    expect(calls[0]!.signal).toBe(calls[1]!.signal);
  });
});
