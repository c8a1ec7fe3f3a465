import { type ObjectRef, type SignFormRequest, StorageError } from '@stowage/core/spi';
import type { PolicyCondition } from './policy.js';
import { MAX_PRESIGN_SECONDS } from './presign.js';

/** `image/*` stands for all types that begin with `image/`; the sender then names the one. */
export function isTypeFamily(contentType: string): boolean {
  return /^[^/]+\/\*$/.test(contentType);
}

/** Throws `invalid-argument` for a life that no form may have. */
export function checkFormLife({ expiresInSeconds }: SignFormRequest): void {
  if (expiresInSeconds >= 1 && expiresInSeconds <= MAX_PRESIGN_SECONDS) return;
  const message = `A form lives 1 to ${String(MAX_PRESIGN_SECONDS)} seconds (7 days), not ${String(expiresInSeconds)}.`;
  throw new StorageError('invalid-argument', message);
}

/** Fields of a form that must be sent exactly so. */
export function formFields(
  { key }: ObjectRef,
  { contentType, keyIsPrefix }: SignFormRequest,
): Readonly<Record<string, string>> {
  return {
    ...(keyIsPrefix !== true && { key }),
    ...(contentType !== undefined && !isTypeFamily(contentType) && { 'content-type': contentType }),
  };
}

/** What a form leaves to its sender, within limits. `maxBytes` is the largest body that the service takes. */
export function formConditions(
  { container, key }: ObjectRef,
  { minBytes = 0, maxBytes, contentType, keyIsPrefix }: SignFormRequest,
  largestBytes: number,
): readonly PolicyCondition[] {
  const conditions: PolicyCondition[] = [{ bucket: container }];
  if (keyIsPrefix === true) conditions.push(['starts-with', '$key', key]);
  if (contentType !== undefined && isTypeFamily(contentType))
    conditions.push(['starts-with', '$Content-Type', contentType.slice(0, -1)]);
  if (minBytes > 0 || maxBytes !== undefined)
    conditions.push(['content-length-range', minBytes, maxBytes ?? largestBytes]);
  return conditions;
}

/** The field that a browser fills in behind the prefix: the name of its file. */
export function openFields({ key }: ObjectRef, { keyIsPrefix }: SignFormRequest): Readonly<Record<string, string>> {
  return keyIsPrefix === true ? { key: `${key}\${filename}` } : {};
}
