import { describe, expect, it } from 'vitest';
import { toError } from '../src/errors.js';
import { answer } from './answers.js';

const xml = (code: string, message = ''): string =>
  `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
const json = (status: number, reason: string, message: string): string =>
  JSON.stringify({ error: { code: status, message, errors: [{ message, domain: 'global', reason }] } });

const context = { notFound: 'object-not-found', nowMs: 0 } as const;

describe('refusals', () => {
  it.each([
    [404, xml('NoSuchKey'), 'object-not-found'],
    [404, xml('NoSuchBucket'), 'container-not-found'],
    [404, '', 'object-not-found'],
    [404, json(404, 'notFound', 'The specified bucket does not exist.'), 'container-not-found'],
    [404, json(404, 'notFound', 'No such object: b/k'), 'object-not-found'],
    [409, xml('BucketNameUnavailable'), 'container-exists'],
    [409, xml('BucketNotEmpty'), 'container-not-empty'],
    [409, json(409, 'conflict', 'The bucket you tried to delete is not empty.'), 'container-not-empty'],
    [409, json(409, 'conflict', 'You already own this bucket.'), 'container-exists'],
    [400, xml('BadDigest'), 'checksum-mismatch'],
    [400, json(400, 'invalid', "Provided CRC32C doesn't match calculated CRC32C"), 'checksum-mismatch'],
    [400, xml('ExcessHeaderValues'), 'invalid-argument'],
    [401, json(401, 'authError', 'Invalid Credentials'), 'unauthenticated'],
    [403, xml('SignatureDoesNotMatch'), 'unauthenticated'],
    [403, json(403, 'rateLimitExceeded', 'slow'), 'rate-limited'],
    [403, json(403, 'forbidden', 'no'), 'permission-denied'],
    [412, json(412, 'conditionNotMet', 'no'), 'precondition-failed'],
    [416, '', 'range-not-satisfiable'],
    [429, xml('SlowDown'), 'rate-limited'],
    [499, '', 'upload-not-found'],
    [503, '<html>no</html>', 'unavailable'],
    [503, '{"error":', 'unavailable'],
    [500, '{"error":"text"}', 'unavailable'],
  ])('%s %s is %s', (status, body, code) => {
    expect(toError(answer(status, body), context).code).toBe(code);
  });

  it('say what to do next, what the service says, and which request it was', () => {
    const body = xml('UserProjectMissing', 'Bucket is a requester pays bucket but no user project provided.');
    const error = toError(answer(400, body, { 'x-guploader-uploadid': 'R1' }), context);
    expect(error.message).toContain('set "userProject"');
    expect(error.message).toContain('The service says: Bucket is a requester pays bucket');
    expect(error).toMatchObject({ providerCode: 'UserProjectMissing', requestId: 'R1', retryable: false });
  });

  it.each([
    [429, xml('SlowDown'), true],
    [403, json(403, 'userRateLimitExceeded', ''), true],
    [400, xml('BadDigest'), true],
    [412, xml('PreconditionFailed'), false],
    [501, xml('NotImplemented'), false],
  ])('%s %s is worth another attempt: %s', (status, body, retryable) => {
    expect(toError(answer(status, body), context).retryable).toBe(retryable);
  });
});
