import { type OptionsOf, type OptionTable, StorageError } from '@stowage/core/spi';
import { placeOptionTable, transportOptionTable } from '@stowage/http';

/** Every option of the driver. `user` and `key` are the names that Django settings use. */
export const optionTable = {
  ...transportOptionTable,
  user: {
    type: 'string',
    aliases: ['userName', 'username'],
    about: 'Name of the user, as in the path of the collections and in the default collection "dd-<user>".',
  },
  key: { type: 'string', secret: true, aliases: ['authKey'], about: 'One of the keys of the user, as text.' },
  keyId: { type: 'string', aliases: ['authKeyId'], about: 'Number of the key: "AuthKeyId" of the identity file.' },
  userId: {
    type: 'string',
    about:
      'What Libcloud calls user_id and sends for both: a number is taken for "keyId", any other text for "user". Default: none.',
  },
  identityFile: {
    type: 'string',
    about:
      'Path of a file with the lines "Username ...", "AuthKeyId ..." and "AuthKey ...", such as ~/.nimbus.io; in place of "user", "key" and "keyId".',
  },
  endpoint: {
    type: 'string',
    about: 'Address of the service, such as "https://nimbus.example.com:8443". Default "https://nimbus.io".',
  },
  ...placeOptionTable,
  domain: {
    type: 'string',
    about:
      'Domain that the cluster serves, where it is not the host of the address: all connections then go to the address, and name "<container>.<domain>". Default: the host; "nimbus.io" where the host is an IP address or localhost.',
  },
} as const satisfies OptionTable;

export type NimbusOptions = OptionsOf<typeof optionTable>;

export function refuse(message: string, cause?: unknown): never {
  throw new StorageError('invalid-argument', message, { cause });
}
