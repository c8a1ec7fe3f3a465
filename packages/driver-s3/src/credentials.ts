import { StorageError } from '@stowage/core/spi';
import type { KeyPair } from '@stowage/http';
import type { S3Options } from './options.js';

/** Gives the keys to sign with; undefined for anonymous requests. A promise only while keys must be fetched. */
export type KeySource = () => KeyPair | undefined | Promise<KeyPair>;

interface Fetched {
  readonly keys: KeyPair;
  readonly expiresAtMs: number;
}

/** Loads the vendor's chain; replaced in tests. */
export type ChainLoader = () => Promise<
  () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
    readonly expiration?: Date;
  }>
>;

/** Keys are renewed this long before they expire. */
const RENEW_BEFORE_MS = 5 * 60 * 1000;

/** Static keys, none, or those of the AWS chain, which is loaded only then. */
export function keySource(options: S3Options, nowMs: () => number, loadChain: ChainLoader): KeySource {
  const { user, key, token, anonymous } = options;
  if (anonymous === true) return () => undefined;
  if (user !== undefined && key !== undefined) {
    const keys: KeyPair = { accessKeyId: user, secretAccessKey: key, sessionToken: token };
    return () => keys;
  }
  return renewed(nowMs, loadChain);
}

/** One fetch for however many calls wait; the old keys serve on while they are still good. */
function renewed(nowMs: () => number, loadChain: ChainLoader): KeySource {
  let current: Fetched | undefined;
  let fetching: Promise<KeyPair> | undefined;
  let chain: ReturnType<ChainLoader> | undefined;

  const fetch = async (): Promise<KeyPair> => {
    try {
      const provide = await (chain ??= loadChain());
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provide();
      const keys = { accessKeyId, secretAccessKey, sessionToken };
      current = { keys, expiresAtMs: expiration?.getTime() ?? Number.POSITIVE_INFINITY };
      return keys;
    } catch (cause) {
      throw new StorageError(
        'unauthenticated',
        'No AWS credentials were found. Give "user" and "key", set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a "profile", or say "anonymous": true.',
        { cause },
      );
    } finally {
      fetching = undefined;
    }
  };
  return () => {
    const leftMs = current ? current.expiresAtMs - nowMs() : 0;
    if (current && leftMs > RENEW_BEFORE_MS) return current.keys;
    fetching ??= fetch();
    if (!current || leftMs <= 0) return fetching;
    // Still good: renew beside the request, and let a failure show when the keys are really needed.
    fetching.catch(() => undefined);
    return current.keys;
  };
}
