import { createPrivateKey, type KeyObject } from 'node:crypto';
import { StorageError } from '@stowage/core/spi';
import { basicIsoDate, GOOG4_RSA, rsaSigner, Signer, type SigningKeys } from '@stowage/http';
import type { Authority } from './authority.js';
import { hmacSigner } from './authorize.js';
import { type Credential, type OAuthSource, readKeyFile } from './credentials.js';

/** Who signs addresses. */
export interface AddressSigner {
  readonly signer: Signer;
  /** Names the signer and, where the key is here, signs. */
  readonly keys: SigningKeys;
  /** Signature in lower-case hexadecimal of a text that is signed for the time `nowMs`. */
  sign(text: string, nowMs: number): string | Promise<string>;
}

/**
 * Finds who signs: the HMAC key, a private key that is here, or the account's key at Google, by IAM's `signBlob`. Throws `unsupported`
 * where nobody can.
 */
export async function addressSigner(credential: Credential, load: () => Promise<Authority>): Promise<AddressSigner> {
  if (credential.kind === 'hmac') {
    // Forms are signed in Google's own words only, and whatever key signs requests can sign these.
    const signer = hmacSigner('goog4');
    const { keys } = credential;
    return { signer, keys, sign: (text, nowMs) => signer.dayKey(keys, basicIsoDate(nowMs)).sign(text) };
  }
  if (credential.kind !== 'oauth') throw nobody(credential.kind);
  const signer = new Signer({ scheme: GOOG4_RSA, region: 'auto', service: 'storage' });
  const own = credential.impersonate === undefined ? await ownKey(credential.source) : undefined;
  if (own) {
    const sign = rsaSigner(privateKeyOf(own.privateKey));
    return { signer, keys: { accessKeyId: own.email, sign }, sign: (text) => sign(text) };
  }
  const authority = await load();
  const keys: SigningKeys = { accessKeyId: await authority.email(), sign: () => '' };
  return { signer, keys, sign: (text) => authority.sign(text) };
}

function nobody(kind: string): StorageError {
  const message =
    kind === 'anonymous'
      ? 'An anonymous storage has no key to sign with; use publicUrl(), or give credentials.'
      : 'An access token alone signs nothing; give the key of a service account, an HMAC key, or credentials.';
  return new StorageError('unsupported', message, { requestSent: false });
}

interface OwnKey {
  readonly email: string;
  readonly privateKey: string;
}

/** Looks for the key without Google's library. */
async function ownKey(source: OAuthSource): Promise<OwnKey | undefined> {
  if (source.kind === 'service-account') return source;
  if (source.kind === 'credentials') return keyIn(source.json);
  if (source.kind === 'metadata-server') return undefined;
  return keyIn(await readKeyFile(source.path));
}

function keyIn({
  client_email: email,
  private_key: privateKey,
}: Readonly<Record<string, unknown>>): OwnKey | undefined {
  return typeof email === 'string' && typeof privateKey === 'string' ? { email, privateKey } : undefined;
}

function privateKeyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // Node's error may hold what stood in place of a key.
    throw new StorageError('invalid-argument', 'The private key of the service account is no key in PEM.');
  }
}
