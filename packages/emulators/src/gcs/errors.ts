import type { EmulatedResponse } from '../http-answer.js';
import { escapeXml } from '../s3/xml.js';

interface Facts {
  /** What the XML API says beside the message. */
  readonly details?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** `[locationType, location]` of the JSON API. */
  readonly location?: readonly [type: string, name: string];
}

/**
 * A refusal in the terms of both APIs: `reason` is the JSON API's word, `code` the XML API's.
 * https://cloud.google.com/storage/docs/json_api/v1/status-codes and https://cloud.google.com/storage/docs/xml-api/reference-status
 */
export class GcsError extends Error {
  override readonly name = 'GcsError';

  constructor(
    readonly status: number,
    readonly reason: string,
    readonly code: string,
    message: string,
    readonly facts: Facts = {},
  ) {
    super(message);
  }

  get headers(): Readonly<Record<string, string>> {
    return this.facts.headers ?? {};
  }

  asJson(): EmulatedResponse {
    const { status, message, reason } = this;
    if (status === 304) return { status, headers: this.headers };
    const [locationType, location] = this.facts.location ?? [];
    const errors = [{ message, domain: 'global', reason, ...(location !== undefined && { locationType, location }) }];
    const headers = { 'content-type': 'application/json; charset=UTF-8', ...this.headers };
    return { status, headers, body: JSON.stringify({ error: { code: status, message, errors } }) };
  }

  /** Downloads are refused in plain text, also by the JSON API. */
  asText(): EmulatedResponse {
    const headers = { 'content-type': 'text/html; charset=UTF-8', ...this.headers };
    return { status: this.status, headers, body: this.status === 304 ? '' : this.message };
  }

  asXml(): EmulatedResponse {
    return {
      status: this.status,
      headers: { 'content-type': 'application/xml; charset=UTF-8', ...this.headers },
      body: this.status === 304 ? '' : errorDocument(this.code, this.message, this.facts.details ?? {}),
    };
  }
}

export function errorDocument(code: string, message: string, details: Readonly<Record<string, string>>): string {
  const fields = Object.entries({ Code: code, Message: message, ...details });
  const body = fields.map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`).join('');
  return `<?xml version='1.0' encoding='UTF-8'?><Error>${body}</Error>`;
}

export const noSuchBucket = (name: string): GcsError =>
  new GcsError(404, 'notFound', 'NoSuchBucket', 'The specified bucket does not exist.', {
    details: { BucketName: name },
  });

export const noSuchObject = (bucket: string, name: string): GcsError =>
  new GcsError(404, 'notFound', 'NoSuchKey', `No such object: ${bucket}/${name}`, {
    details: { Details: `No such object: ${bucket}/${name}` },
  });

export const conditionNotMet = (name = 'If-Match'): GcsError =>
  new GcsError(
    412,
    'conditionNotMet',
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold.',
    { location: ['header', name], details: { Details: `Condition: ${name}` } },
  );

export const invalid = (message: string, reason = 'invalid', code = 'InvalidArgument'): GcsError =>
  new GcsError(400, reason, code, message, { details: { Details: message } });

export const forbidden = (message: string, reason = 'forbidden'): GcsError =>
  new GcsError(403, reason, 'AccessDenied', message, { details: { Details: message } });
