/**
 * How a key of Stowage is written as a key of the server. The server cannot hold `+` (it becomes a space) nor anything beyond ASCII
 * (it answers 500), and proxies on the way resolve `.`, `..` and `//`. All other keys are written as they are, so that objects of
 * other clients have their own names here.
 *
 * - Each UTF-8 byte of `+`, of control characters and of characters beyond ASCII is `!XX`, in upper-case hexadecimal.
 * - So are the dots of a name between slashes that is just `.` or `..`, and a slash at the start or behind another one.
 * - A `!` is `!21` where two upper-case hexadecimal digits follow it, and itself elsewhere.
 */
const PLAIN = /^(?!\/)(?!.*\/\/)(?!(?:.*\/)?\.\.?(?:\/|$))[ "-*,-~]*$/;
// eslint-disable-next-line no-control-regex -- these are among what the server cannot hold
const UNFIT = /[\0-\x1f\x7f+]|[^\0-\x7f]|!(?=[0-9A-F]{2})|(?<=^|\/)\/|(?<=^|\/)\.\.?(?=\/|$)/gu;
const ESCAPES = /(?:![0-9A-F]{2})+/g;

export const MAX_STORED_CHARACTERS = 1024;

/** Stored keys that begin so are no key of Stowage: `u` needs no escape. They note how far uploads in parts have come. */
export const RESERVED_PREFIX = '!75pload/';

export function toStoredKey(key: string): string {
  return PLAIN.test(key) ? key : key.replace(UNFIT, escapeBytes);
}

function escapeBytes(text: string): string {
  let escaped = '';
  for (const byte of Buffer.from(text)) escaped += `!${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return escaped;
}

/** The key that is stored so; undefined for a stored key that no key of Stowage has. */
export function fromStoredKey(stored: string): string | undefined {
  if (PLAIN.test(stored)) return stored;
  const key = stored.replace(ESCAPES, (run) => Buffer.from(run.replaceAll('!', ''), 'hex').toString());
  return toStoredKey(key) === stored ? key : undefined;
}

/**
 * The longest beginning that all stored keys of a prefix have and that the server takes literally: in its LIKE `%`, `_` and `\` are
 * wildcards. Keys that do not belong to the prefix are left out by the driver.
 */
export function toStoredPrefix(prefix: string): string {
  // What is behind the end decides how these are written.
  const settled = prefix.replace(/(?:(?<=^|\/)\.\.?)?(?:![0-9A-F]?)?$/, '');
  return /^[^%_\\]*/.exec(toStoredKey(settled))?.[0] ?? '';
}

/** Why the server cannot hold the key; undefined when it can. */
export function refuseKey(key: string): string | undefined {
  if (key.includes('\0')) return 'the server takes no character U+0000';
  if (key.length * 3 <= MAX_STORED_CHARACTERS) return undefined;
  const { length } = toStoredKey(key);
  if (length <= MAX_STORED_CHARACTERS) return undefined;
  return `it is written with ${String(length)} characters there, and at most ${String(MAX_STORED_CHARACTERS)} are taken`;
}
