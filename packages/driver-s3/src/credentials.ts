import { StorageError } from '@stowage/core/spi';
import type { KeyPair } from '@stowage/http';
import type { S3Options } from './options.js';

/** Where the keys to sign with come from. */
export interface KeySource {
  /** Undefined for anonymous requests; a promise only while keys must be fetched. */
  keys(): KeyPair | undefined | Promise<KeyPair>;
  /** Has keys fetched anew that the service refused as expired; false where they are fixed. */
  renew(refused: KeyPair): boolean;
}

/** Keys as the vendor's chain gives them. */
export interface ChainKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

/** Loads the vendor's chain; replaced in tests. */
export type ChainLoader = () => Promise<() => Promise<ChainKeys>>;

export interface KeySourceSettings {
  nowMs(): number;
  readonly loadChain: ChainLoader;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Keys are renewed this long before they expire. */
const RENEW_BEFORE_MS = 5 * 60 * 1000;
/** And not more often than this, whatever they say of their end. */
const RENEW_PAUSE_MS = 10_000;

/** Static keys, none, those of the environment, or those of the AWS chain, which is loaded only then. */
export function keySource(options: S3Options, settings: KeySourceSettings): KeySource {
  const { user, key, token, anonymous } = options;
  if (anonymous === true) return { keys: () => undefined, renew: () => false };
  const given =
    user !== undefined && key !== undefined
      ? { accessKeyId: user, secretAccessKey: key, sessionToken: token }
      : keysOfEnvironment(options, settings.env);
  return given ? { keys: () => given, renew: () => false } : new RenewedKeys(settings);
}

/** The first link of the chain, without loading the rest: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html */
function keysOfEnvironment({ profile }: S3Options, env: KeySourceSettings['env']): KeyPair | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env;
  if (profile !== undefined || (env['AWS_PROFILE'] ?? '') !== '') return undefined;
  if ((accessKeyId ?? '') === '' || (secretAccessKey ?? '') === '') return undefined;
  return {
    accessKeyId: accessKeyId as string,
    secretAccessKey: secretAccessKey as string,
    sessionToken: token === '' ? undefined : token,
  };
}

/** One fetch for however many calls wait; the old keys serve on while they are still good. */
class RenewedKeys implements KeySource {
  readonly #settings: KeySourceSettings;
  #current: { readonly keys: KeyPair; readonly renewAtMs: number; readonly expiresAtMs: number } | undefined;
  #fetching: Promise<KeyPair> | undefined;
  #chain: ReturnType<ChainLoader> | undefined;

  constructor(settings: KeySourceSettings) {
    this.#settings = settings;
  }

  keys(): KeyPair | Promise<KeyPair> {
    const current = this.#current;
    const nowMs = this.#settings.nowMs();
    if (current && nowMs < current.renewAtMs) return current.keys;
    this.#fetching ??= this.#fetch();
    if (!current || nowMs >= current.expiresAtMs) return this.#fetching;
    // Still good: renew beside the request, and let a failure show when the keys are really needed.
    this.#fetching.catch(() => undefined);
    return current.keys;
  }

  renew(refused: KeyPair): boolean {
    if (this.#current?.keys === refused) this.#current = undefined;
    return true;
  }

  async #fetch(): Promise<KeyPair> {
    try {
      const provide = await (this.#chain ??= this.#settings.loadChain());
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provide();
      const keys = { accessKeyId, secretAccessKey, sessionToken };
      const expiresAtMs = expiration?.getTime() ?? Number.POSITIVE_INFINITY;
      const renewAtMs = Math.max(expiresAtMs - RENEW_BEFORE_MS, this.#settings.nowMs() + RENEW_PAUSE_MS);
      this.#current = { keys, renewAtMs, expiresAtMs };
      return keys;
    } catch (cause) {
      this.#chain = undefined;
      const message =
        'No AWS credentials were found. Give "user" and "key", set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a "profile", or say "anonymous": true.';
      throw new StorageError('unauthenticated', message, { requestSent: false, cause });
    } finally {
      this.#fetching = undefined;
    }
  }
}
