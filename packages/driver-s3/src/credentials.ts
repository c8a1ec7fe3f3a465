import { StorageError } from '@stowage/core/spi';
import { type Expiring, type KeyPair, Renewed } from '@stowage/http';
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

/** Static keys, none, those of the environment, or those of the AWS chain, which is loaded only then. */
export function keySource(options: S3Options, settings: KeySourceSettings): KeySource {
  const { user, key, token, anonymous } = options;
  if (anonymous === true) return { keys: () => undefined, renew: () => false };
  const given =
    user !== undefined && key !== undefined
      ? { accessKeyId: user, secretAccessKey: key, sessionToken: token }
      : keysOfEnvironment(options, settings.env);
  return given ? { keys: () => given, renew: () => false } : new ChainedKeys(settings);
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

/** Keys of the chain, which is loaded when the first call needs them. */
class ChainedKeys implements KeySource {
  readonly #keys: Renewed<KeyPair>;
  #chain: ReturnType<ChainLoader> | undefined;

  constructor(settings: KeySourceSettings) {
    this.#keys = new Renewed({ nowMs: () => settings.nowMs(), fetch: () => this.#fetch(settings.loadChain) });
  }

  keys(): KeyPair | Promise<KeyPair> {
    return this.#keys.get();
  }

  renew(refused: KeyPair): boolean {
    this.#keys.drop(refused);
    return true;
  }

  async #fetch(loadChain: ChainLoader): Promise<Expiring<KeyPair>> {
    try {
      const provide = await (this.#chain ??= loadChain());
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provide();
      const value = { accessKeyId, secretAccessKey, sessionToken };
      return { value, expiresAtMs: expiration?.getTime() ?? Number.POSITIVE_INFINITY };
    } catch (cause) {
      this.#chain = undefined;
      const message =
        'No AWS credentials were found. Give "user" and "key", set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a "profile", or say "anonymous": true.';
      throw new StorageError('unauthenticated', message, { requestSent: false, cause });
    }
  }
}
