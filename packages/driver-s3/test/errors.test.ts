import type { ErrorCode } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { codeOf, toError } from '../src/errors.js';
import { answer, errorDocument } from './answers.js';

const context = { notFound: 'object-not-found', nowMs: 0 } as const;

describe('an error', () => {
  it.each<[number, string, ErrorCode, boolean]>([
    [404, 'NoSuchKey', 'object-not-found', false],
    [404, 'NoSuchVersion', 'object-not-found', false],
    [404, 'NoSuchBucket', 'container-not-found', false],
    [404, 'NoSuchUpload', 'upload-not-found', false],
    [409, 'BucketAlreadyOwnedByYou', 'container-exists', false],
    [409, 'BucketNotEmpty', 'container-not-empty', false],
    [403, 'AccessDenied', 'permission-denied', false],
    [403, 'SignatureDoesNotMatch', 'unauthenticated', false],
    [403, 'InvalidAccessKeyId', 'unauthenticated', false],
    [403, 'RequestTimeTooSkewed', 'unauthenticated', false],
    [412, 'PreconditionFailed', 'precondition-failed', false],
    [409, 'ConditionalRequestConflict', 'precondition-failed', true],
    [409, 'OperationAborted', 'unavailable', true],
    [416, 'InvalidRange', 'range-not-satisfiable', false],
    [400, 'BadDigest', 'checksum-mismatch', true],
    [400, 'XAmzContentSHA256Mismatch', 'checksum-mismatch', true],
    [400, 'EntityTooSmall', 'invalid-argument', false],
    [400, 'RequestTimeout', 'timeout', true],
    [403, 'InvalidObjectState', 'permission-denied', false],
    [400, 'AccessControlListNotSupported', 'unsupported', false],
    [501, 'NotImplemented', 'unsupported', false],
    [500, 'InternalError', 'unavailable', true],
    [503, 'SlowDown', 'rate-limited', true],
    [503, 'ServiceUnavailable', 'unavailable', true],
    [200, 'InternalError', 'unavailable', true],
    [507, 'XMinioStorageFull', 'quota-exceeded', false],
    [418, 'SomethingNew', 'unknown', false],
    [400, 'SomethingNew', 'invalid-argument', false],
  ])('%i %s is %s', (status, providerCode, code, retryable) => {
    const error = toError(answer(status, {}, errorDocument(providerCode, 'Words of the service')), context);
    expect(error).toMatchObject({ code, retryable, status, providerCode, requestId: 'R1' });
    expect(error.message).toContain('Words of the service');
  });

  it.each<[number, ErrorCode]>([
    [304, 'not-modified'],
    [400, 'invalid-argument'],
    [403, 'permission-denied'],
    [404, 'object-not-found'],
    [412, 'precondition-failed'],
    [503, 'unavailable'],
  ])('without a body, as answers to HEAD are, goes by its status: %i is %s', (status, code) => {
    const error = toError(answer(status, { 'x-amz-request-id': 'R2' }), context);
    expect(error).toMatchObject({ code, status, requestId: 'R2' });
    expect(error.message).not.toBe('');
  });

  it('with the body of a proxy goes by its status', () => {
    const error = toError(answer(502, {}, '<html><h1>Bad Gateway</h1></html>'), context);
    expect(error).toMatchObject({ code: 'unavailable', retryable: true, providerCode: undefined });
  });

  it('keeps the time that the service asks to wait', () => {
    const error = toError(answer(503, { 'retry-after': '7' }, errorDocument('SlowDown')), context);
    expect(error.retryAfterMs).toBe(7000);
  });

  it('tells a missing upload from a missing object, whatever the service calls it', () => {
    const error = toError(answer(404, {}, errorDocument('NoSuchKey')), { ...context, notFound: 'upload-not-found' });
    expect(error.code).toBe('upload-not-found');
  });

  it('of a deletion mark that is read by its version says that there is no object', () => {
    const headers = { 'x-amz-delete-marker': 'true' };
    expect(toError(answer(405, headers, errorDocument('MethodNotAllowed')), context).code).toBe('object-not-found');
    expect(toError(answer(405, {}, errorDocument('MethodNotAllowed')), context).code).toBe('unsupported');
  });

  it('of a refused read says what a missing right to list hides', () => {
    const words = (notFound: ErrorCode): string =>
      toError(answer(403, {}, errorDocument('AccessDenied')), { ...context, notFound }).message;
    expect(words('object-not-found')).toContain('missing objects');
    expect(words('container-not-found')).not.toContain('missing objects');
  });

  it.each([
    ['InvalidObjectState', 'restore it'],
    ['AccessControlListNotSupported', 'remove "acl"'],
    ['RequestTimeTooSkewed', 'set the clock'],
    ['InvalidLocationConstraint', '"locationConstraint"'],
  ])('%s says what to do', (providerCode, advice) => {
    expect(toError(answer(400, {}, errorDocument(providerCode)), context).message).toContain(advice);
  });

  it('does not take names of the language for codes', () => {
    expect(codeOf('constructor')).toBeUndefined();
    expect(codeOf('__proto__')).toBeUndefined();
  });
});
