import { describe, expect, it } from 'vitest';
import { classifyStatus, retryAfterMs } from '../../src/index.js';
import { RawResponse } from '../../src/transport/response.js';

function answer(status: number, headers: Record<string, string> = {}): RawResponse {
  return new RawResponse(
    status,
    Object.entries(headers)
      .flat()
      .map((text) => Buffer.from(text)),
  );
}

const nowMs = Date.UTC(2024, 0, 1);
const context = { notFound: 'object-not-found', requestIdHeaders: ['x-amz-request-id', 'x-trans-id'], nowMs } as const;

describe('classifyStatus', () => {
  it.each([
    [304, 'not-modified', false],
    [400, 'invalid-argument', false],
    [401, 'unauthenticated', false],
    [403, 'permission-denied', false],
    [404, 'object-not-found', false],
    [408, 'timeout', true],
    [409, 'unknown', false],
    [412, 'precondition-failed', false],
    [413, 'quota-exceeded', false],
    [416, 'range-not-satisfiable', false],
    [422, 'checksum-mismatch', false],
    [429, 'rate-limited', true],
    [498, 'rate-limited', true],
    [500, 'unavailable', true],
    [501, 'unsupported', false],
    [503, 'unavailable', true],
    [507, 'quota-exceeded', false],
    [520, 'unavailable', true],
    [302, 'unknown', false],
  ])('says of %i: %s, retryable: %s', (status, code, retryable) => {
    expect(classifyStatus(answer(status), context)).toMatchObject({ status, code, retryable });
  });

  it('names the request by the first header that the driver knows', () => {
    const facts = classifyStatus(answer(500, { 'X-Trans-Id': 'tx1', 'X-Amz-Request-Id': 'R2' }), context);
    expect(facts.requestId).toBe('R2');
    expect(classifyStatus(answer(500), context).requestId).toBeUndefined();
  });

  it('tells how long to wait', () => {
    expect(classifyStatus(answer(503, { 'Retry-After': '7' }), context).retryAfterMs).toBe(7000);
  });
});

describe('retryAfterMs', () => {
  it.each([
    ['120', 120_000],
    ['0.5', 500],
    ['Mon, 01 Jan 2024 00:00:30 GMT', 30_000],
    ['Sun, 31 Dec 2023 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (value, expected) => {
    expect(retryAfterMs(value, nowMs)).toBe(expected);
  });
});
