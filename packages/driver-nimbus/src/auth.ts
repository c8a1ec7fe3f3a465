import { readFileSync } from 'node:fs';
import { type NimbusOptions, refuse } from './options.js';

/** Who signs. */
export interface Identity {
  readonly user: string;
  readonly key: string;
  readonly keyId: string;
}

const FIELDS = { username: 'user', authkeyid: 'keyId', authkey: 'key' } as const;

const WHERE_THE_NUMBER_GOES =
  'Nimbus.io signs with the name of the user, a key and the number of that key. Give the number as "key_id" beside "user" and "key": it is "AuthKeyId" of the identity file. Or give the file as "identity_file".';

/** Puts together who signs. Throws `invalid-argument`, and says where the number of the key goes when it is missing. */
export function identityOf(options: NimbusOptions): Identity {
  const { identityFile } = options;
  const { user, key, keyId } = identityFile === undefined ? givenIdentity(options) : fromFile(identityFile, options);
  if (keyId === undefined) refuse(`The number of the key is missing. ${WHERE_THE_NUMBER_GOES}`);
  if (user === undefined) refuse('"user", the name of the user, is missing.');
  if (key === undefined) refuse('"key", the key of the user, is missing.');
  if (!/^\d{1,19}$/.test(keyId)) refuse(`"key_id" must be a whole number. ${WHERE_THE_NUMBER_GOES}`);
  if (!/^[a-zA-Z0-9-]{1,60}$/.test(user))
    refuse('"user" must be the name of a Nimbus.io user: up to 60 letters, digits and "-".');
  // The key is used as it is written, although it looks like base64.
  if (!/^[!-~]+$/.test(key)) refuse('"key" must be plain ASCII without spaces.');
  return { user, key, keyId };
}

type Parts = { readonly [Name in keyof Identity]: string | undefined };

/** Libcloud sends its `user_id` as the number of the key and as the name of the user; it can be right for one of them. */
function givenIdentity({ user, key, keyId, userId }: NimbusOptions): Parts {
  if (userId === undefined) return { user, key, keyId };
  const isNumber = /^\d+$/.test(userId);
  const [name, own] = isNumber ? ['key_id', keyId] : ['user', user];
  if (own !== undefined && own !== userId)
    refuse(`"user_id" says something else than "${name}". ${WHERE_THE_NUMBER_GOES}`);
  return isNumber ? { user, key, keyId: userId } : { user: userId, key, keyId };
}

function fromFile(path: string, { user, key, keyId, userId }: NimbusOptions): Parts {
  if ([user, key, keyId, userId].some((value) => value !== undefined))
    refuse('"identity_file" holds user, key and number of the key; remove "user", "key", "key_id" and "user_id".');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    refuse(`The identity file "${path}" cannot be read.`, cause);
  }
  const found: Partial<Record<keyof Identity, string>> = {};
  for (const line of text.split(/\r?\n/)) {
    const [name = '', value] = line.trim().split(/\s+/, 2);
    const field = FIELDS[name.toLowerCase() as keyof typeof FIELDS] as keyof Identity | undefined;
    if (field !== undefined && value !== undefined) found[field] = value;
  }
  const missing = Object.entries({ Username: found.user, AuthKeyId: found.keyId, AuthKey: found.key })
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  if (missing.length > 0) refuse(`The identity file "${path}" has no line for ${missing.join(', ')}.`);
  return { user: found.user, key: found.key, keyId: found.keyId };
}
