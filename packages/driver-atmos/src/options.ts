import { type OptionsOf, type OptionTable, StorageError } from '@stowage/core/spi';
import { placeOptionTable, transportOptionTable } from '@stowage/http';

/** Every option of the driver. `user` and `key` are the names that Django settings use. */
export const optionTable = {
  ...transportOptionTable,
  user: {
    type: 'string',
    required: true,
    aliases: ['uid', 'accessToken'],
    about: 'Who sends: "<subtenant id>/<user>", Libcloud\'s Atmos access token; at Dell ECS "<namespace>/<user>".',
  },
  key: {
    type: 'string',
    secret: true,
    required: true,
    aliases: ['secret', 'sharedSecret'],
    about: 'Shared secret that goes with "user", base64.',
  },
  endpoint: {
    type: 'string',
    about:
      'Address of the service with whatever stands before "/rest" in its paths, such as "https://atmos.example.com" or "https://api.ninefold.com/storage/v1.0".',
  },
  ...placeOptionTable,
  path: {
    type: 'string',
    about: 'What stands before "/rest" in the paths, with "host". Default none; "/storage/v1.0" for NINEFOLD.',
  },
  service: {
    type: 'string',
    about: 'What answers: "atmos", or "ecs" for Dell ECS and ObjectScale. Default "atmos".',
  },
  checksum: {
    type: 'string',
    about:
      'Digest that the store is asked to compare: "md5", "sha1", or "none" for a store that knows no x-emc-wschecksum. Default "md5", "none" with "service" "ecs".',
  },
  utf8: {
    type: 'boolean',
    about: 'The store takes percent-encoded metadata (x-emc-utf8), as all do since Atmos 2.0. Default true.',
  },
  cdnUrlExpirySeconds: {
    type: 'number',
    about: 'Life of the URLs that getCdnUrl() signs. Seconds; default 604800, as in Libcloud.',
  },
} as const satisfies OptionTable;

export type AtmosOptions = OptionsOf<typeof optionTable>;

/** What is known of a service, and what was asked for. */
export interface ServiceFacts {
  readonly name: 'atmos' | 'ecs';
  /** Digest that goes along with bodies; undefined sends none. */
  readonly checksum: 'md5' | 'sha1' | undefined;
  readonly utf8: boolean;
  /** After an overwriting rename, readers may see the object before for some seconds. */
  readonly lateOverwrites: boolean;
  /** Uploads and downloads by token, and explicit versions. */
  readonly accessTokens: boolean;
}

/** Throws `invalid-argument` for options that do not fit together, before any request. */
export function serviceFacts(options: AtmosOptions): ServiceFacts {
  const { service: name = 'atmos', checksum = name === 'ecs' ? 'none' : 'md5', utf8 = true } = options;
  if (name !== 'atmos' && name !== 'ecs') refuse(`"service" is "atmos" or "ecs", not "${name}".`);
  if (checksum !== 'md5' && checksum !== 'sha1' && checksum !== 'none')
    refuse(`"checksum" is "md5", "sha1" or "none", not "${checksum}".`);
  if (options.path !== undefined && !/^(\/[\w.-]+)*\/?$/.test(options.path))
    refuse(`"path" is what stands before "/rest", such as "/storage/v1.0", not "${options.path}".`);
  return {
    name,
    checksum: checksum === 'none' ? undefined : checksum,
    utf8,
    lateOverwrites: name === 'atmos',
    accessTokens: name === 'atmos',
  };
}

/** The bytes of the shared secret. Never shows it. */
export function readSecret({ key }: AtmosOptions): Buffer {
  const secret = Buffer.from(key, 'base64');
  if (secret.length === 0 || !/^[A-Za-z0-9+/_-]+={0,2}\s*$/.test(key))
    refuse('"key" must be the shared secret in base64, as the administrator of the store gave it.');
  return secret;
}

export function refuse(message: string): never {
  throw new StorageError('invalid-argument', message);
}
