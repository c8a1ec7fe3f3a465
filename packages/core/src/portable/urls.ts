import { checkOptions } from '../call/option-checks.js';
import { StorageError } from '../errors/storage-error.js';
import type { SignedForm, SignedUrl } from '../spi/groups.js';
import type { ObjectRef } from '../spi/records.js';
import {
  NO_OPTIONS,
  SIGNED_FORM_CHECKS,
  SIGNED_URL_CHECKS,
  SIGNED_URL_RESPONSE_CHECKS,
  type SignedFormOptions,
  type SignedUrlOptions,
} from './options.js';
import { need, type Session } from './session.js';

const DEFAULT_EXPIRY_SECONDS = 3_600;

/** Signs a URL for one method. Throws `unsupported` for a method that the store does not sign, and for a time that is too long. */
export async function signUrl(session: Session, ref: ObjectRef, options: SignedUrlOptions): Promise<SignedUrl> {
  const operation = 'signedUrl';
  const group = need(session, session.driver.urls, operation, 'signed URLs');
  if (options !== NO_OPTIONS) checkOptions(operation, options, SIGNED_URL_CHECKS);
  if (options.response) checkOptions(`${operation}: response`, options.response, SIGNED_URL_RESPONSE_CHECKS);
  const { signal, timeoutMs, versionId = ref.versionId, ...wanted } = options;
  if (versionId !== undefined) need(session, session.driver.versions, operation, 'versions');
  const { method = 'GET', expiresInSeconds = DEFAULT_EXPIRY_SECONDS, contentType, response } = wanted;
  const methods = session.driver.capabilities.urls?.methods ?? [];
  if (!methods.includes(method)) {
    const message = `${session.provider} signs URLs for ${methods.join(', ')}, not for ${method}.`;
    throw new StorageError('unsupported', message, { provider: session.provider, operation });
  }
  if (contentType !== undefined && method !== 'PUT') throw onlyFor(operation, 'contentType', 'PUT');
  if (response !== undefined && method !== 'GET') throw onlyFor(operation, 'response', 'GET');
  checkExpiry(session, operation, expiresInSeconds);
  const request = { method, expiresInSeconds, contentType, response };
  const subject = { operation, container: ref.container, key: ref.key };
  return session.caller.run(subject, { signal, timeoutMs }, (ctx) => group.sign({ ...ref, versionId }, request, ctx));
}

/** Signs a browser form. Throws `unsupported` where the store has none. */
export async function signForm(session: Session, ref: ObjectRef, options: SignedFormOptions): Promise<SignedForm> {
  const operation = 'signedForm';
  const group = need(session, session.driver.urls, operation, 'signed URLs');
  const sign = need(session, group.signForm?.bind(group), operation, 'signed upload forms');
  if (options !== NO_OPTIONS) checkOptions(operation, options, SIGNED_FORM_CHECKS);
  const { signal, timeoutMs, expiresInSeconds = DEFAULT_EXPIRY_SECONDS, ...wanted } = options;
  checkExpiry(session, operation, expiresInSeconds);
  if ((wanted.minBytes ?? 0) > (wanted.maxBytes ?? Infinity)) {
    throw new StorageError('invalid-argument', '"minBytes" of signedForm() must not be above "maxBytes".');
  }
  const subject = { operation, container: ref.container, key: ref.key };
  return session.caller.run(subject, { signal, timeoutMs }, (ctx) => sign(ref, { ...wanted, expiresInSeconds }, ctx));
}

/** The address for anonymous readers. Throws `unsupported` where the store has none. */
export function publicUrl(session: Session, ref: ObjectRef): string {
  const group = need(session, session.driver.urls, 'publicUrl', 'public URLs');
  const url = need(session, group.publicUrl?.bind(group), 'publicUrl', 'public URLs');
  try {
    return url(ref);
  } catch (error) {
    throw session.caller.dress(error, { operation: 'publicUrl', container: ref.container, key: ref.key });
  }
}

function checkExpiry(session: Session, operation: string, seconds: number): void {
  const most = session.driver.capabilities.urls?.maxSeconds ?? Infinity;
  if (seconds <= most) return;
  const message = `${session.provider} signs for at most ${most} seconds; "expiresInSeconds" is ${seconds}.`;
  throw new StorageError('invalid-argument', message, { provider: session.provider, operation });
}

function onlyFor(operation: string, option: string, method: string): StorageError {
  return new StorageError('invalid-argument', `The option "${option}" of ${operation}() is only for ${method}.`);
}
