import { basicIsoDate } from '../dates.js';
import type { Signer, SigningKeys } from './signer.js';

/** One rule that a browser's form must keep; a field that is given must be sent exactly so. */
export type PolicyCondition =
  | Readonly<Record<string, string>>
  | readonly ['eq' | 'starts-with', string, string]
  | readonly ['content-length-range', number, number];

export interface PolicyRequest {
  readonly expiresAtMs: number;
  /** Fields of the form, each also a condition. */
  readonly fields: Readonly<Record<string, string>>;
  /** Rules beside the fields. */
  readonly conditions?: readonly PolicyCondition[] | undefined;
}

const NOT_ASCII = /[^\0-\x7f]/g;

/** Google reads a policy only in ASCII; for Amazon it makes no difference. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(NOT_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Signs a policy for uploads by an HTML form. Returns every field that the form must hold, `policy` and signature included.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function signPolicy(
  signer: Signer,
  request: PolicyRequest,
  keys: SigningKeys,
  nowMs: number,
): Readonly<Record<string, string>> {
  const { algorithm, headerPrefix, dateHeader, tokenHeader } = signer.scheme;
  const date = basicIsoDate(nowMs);
  const key = signer.dayKey(keys, date);
  const fields: Record<string, string> = {
    ...request.fields,
    ...(keys.sessionToken === undefined ? {} : { [tokenHeader]: keys.sessionToken }),
    [dateHeader]: date,
    [`${headerPrefix}credential`]: key.credential,
    [`${headerPrefix}algorithm`]: algorithm,
  };
  const conditions = [
    ...(request.conditions ?? []),
    ...Object.entries(fields).map(([name, value]) => ({ [name]: value })),
  ];
  const expiration = new Date(request.expiresAtMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const policy = Buffer.from(asciiJson({ conditions, expiration })).toString('base64');
  return { ...fields, policy, [`${headerPrefix}signature`]: key.sign(policy) };
}
