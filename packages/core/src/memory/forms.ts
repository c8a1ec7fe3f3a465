import { StorageError } from '../errors/storage-error.js';
import type { SignedForm, SignFormRequest } from '../spi/groups.js';
import type { ObjectRef } from '../spi/records.js';
import type { Signer } from './signer.js';

/** What a form permits. It travels in the form, signed. */
interface FormPolicy extends Omit<SignFormRequest, 'expiresInSeconds'> {
  readonly container: string;
  readonly key: string;
  readonly expiresAtMs: number;
}

/** What a browser posted. */
export interface PostedFile {
  readonly ref: ObjectRef;
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
}

export function writeForm(
  url: string,
  signer: Signer,
  { container, key }: ObjectRef,
  { minBytes, maxBytes, contentType, keyIsPrefix }: SignFormRequest,
  expiresAtMs: number,
): SignedForm {
  const permitted: FormPolicy = { container, key, expiresAtMs, minBytes, maxBytes, contentType, keyIsPrefix };
  const policy = Buffer.from(JSON.stringify(permitted)).toString('base64url');
  const given = contentType === undefined ? {} : { 'content-type': contentType };
  return { url, fields: { key, ...given, policy, signature: signer.sign(policy) }, expiresAtMs };
}

/** Reads a posted form. Throws `permission-denied` for all that its policy does not permit. */
export async function readForm(form: FormData, container: string, signer: Signer): Promise<PostedFile> {
  const field = (name: string): string => {
    const value = form.get(name);
    return typeof value === 'string' ? value : '';
  };
  const policy = readPolicy(field('policy'), field('signature'), signer);
  const file = form.get('file');
  if (!policy || policy.container !== container) throw denied('This form was not signed, or its time is over.');
  if (file === null || typeof file === 'string') throw denied('The form holds no field "file".');
  const key = field('key');
  const isKey = policy.keyIsPrefix ? key.startsWith(policy.key) : key === policy.key;
  if (!isKey) throw denied(`The form does not permit the key "${key}".`);
  const { minBytes = 0, maxBytes = Infinity } = policy;
  if (file.size < minBytes || file.size > maxBytes)
    throw denied(`The form does not permit a file of ${file.size} bytes.`);
  const contentType = policy.contentType ?? (field('content-type') || file.type || undefined);
  return { ref: { container, key }, bytes: Buffer.from(await file.arrayBuffer()), contentType };
}

function readPolicy(policy: string, signature: string, signer: Signer): FormPolicy | undefined {
  // The signature comes first: only what was written here is parsed.
  if (!signer.isValid(policy, signature, Infinity)) return undefined;
  const permitted = JSON.parse(Buffer.from(policy, 'base64url').toString()) as FormPolicy;
  return signer.isValid(policy, signature, permitted.expiresAtMs) ? permitted : undefined;
}

function denied(message: string): StorageError {
  return new StorageError('permission-denied', message);
}
