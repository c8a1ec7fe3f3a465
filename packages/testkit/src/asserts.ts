import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type ErrorCode, isStorageError, type StorageError } from '@stowage/core/spi';

/** Resolves with the StorageError that a call rejects with, having checked its code; fails when the call does anything else. */
export async function rejects(
  call: Promise<unknown> | (() => Promise<unknown>),
  ...codes: readonly ErrorCode[]
): Promise<StorageError> {
  const wanted = `"${codes.join('" or "')}"`;
  const error = await failureOf(typeof call === 'function' ? call() : call, `though it must reject with ${wanted}`);
  assert.ok(isStorageError(error), `rejected with what is no StorageError, and not with ${wanted}: ${String(error)}`);
  assert.ok(codes.includes(error.code), `rejected with "${error.code}" (${error.message}), not ${wanted}`);
  return error;
}

/** Resolves with whatever a call rejects with. `wrong` says what is wrong with a call that resolves. */
export async function failureOf(call: Promise<unknown>, wrong = 'though it must reject'): Promise<unknown> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    return error;
  }
  assert.fail(`resolved with ${describe(value)}, ${wrong}`);
}

/** Says of what fails which key, value or step it was about. */
export async function naming<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const message = `${what}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw Object.assign(new assert.AssertionError({ message }), { cause });
  }
}

const MAX_SHOWN_CHARACTERS = 120;

/** A key or value for a message: as JSON, cut where it is long. */
export function shown(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? String(value);
  return text.length > MAX_SHOWN_CHARACTERS
    ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}… (${text.length} characters)`
    : text;
}

/** Compares bytes; tells where they differ instead of printing them. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what = 'the bytes'): void {
  assert.equal(
    actual.length,
    expected.length,
    `${what}: ${actual.length} bytes came, ${expected.length} were expected`,
  );
  if (Buffer.compare(actual, expected) === 0) return;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  assert.fail(`${what} differ from byte ${at} on (sha256 ${digest(actual)}…, expected ${digest(expected)}…)`);
}

/** Fails unless the promise settles in time. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what} took longer than ${ms} ms` })), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for something that tells nobody when it happens; fails when it does not in time. */
export async function until(ms: number, what: string, isDone: () => boolean): Promise<void> {
  const endMs = Date.now() + ms;
  while (!isDone()) {
    assert.ok(Date.now() < endMs, `${what} took longer than ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Buffer.isBuffer(value)) return `${value.length} bytes`;
  return `an object with ${Object.keys(value).join(', ')}`;
}
