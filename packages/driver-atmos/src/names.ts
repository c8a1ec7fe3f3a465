/**
 * Keys are paths of the namespace: slashes are directories, and files of other programs are objects of the same name. Only what a
 * namespace cannot hold is written otherwise: characters that servers refuse, or lower-case in different ways when they check a
 * signature, as `%` with two capital hexadecimal digits for each byte of UTF-8, and the rest by two characters at the end of a name.
 */

/** A segment without a character. */
const EMPTY = '%_';
/** Ends the name of an object whose own name a directory has. */
const ASIDE = '%=';
/** Ends the name of a directory that holds the rest of a segment that is too long for a name. */
const CONTINUED = '%+';
/** The directory of each container for what is not an object yet. No segment is written so. */
export const PRIVATE = '%~';

const MAX_NAME_BYTES = 240;
/** A path of the namespace takes 1,024. */
const MAX_CONTAINER_BYTES = 120;
export const MAX_KEY_BYTES = 896;

/** Nothing in it is ever written otherwise. */
const PLAIN = /^(?! )[\x20-\x24\x26-\x3e\x41-\x7e]{1,240}(?<! )$/;
const ESCAPED_BYTE = '(?:[01][0-9A-F]|2[05E]|3F|40|7F|[89A-F][0-9A-F])';
const ESCAPES = new RegExp(`(?:%${ESCAPED_BYTE})+`, 'g');
/** A percent sign that would be read as one of ours. */
const LOOKS_ESCAPED = new RegExp(`^%(?:${ESCAPED_BYTE}|[_=+~])`);
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function mustEscape(character: string, at: number, characters: readonly string[]): boolean {
  if (character === '?' || character === '@' || /[\p{Cc}\ufffe\uffff]/u.test(character)) return true;
  if (character === '%') return LOOKS_ESCAPED.test(characters.slice(at, at + 3).join(''));
  if (character === ' ') return at === 0 || at === characters.length - 1;
  return character > '\x7f' && character.toLowerCase() !== character;
}

function escapeCharacter(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** The name of a segment; several, all but the last of them directories, where it is too long for one. */
function encodeSegment(segment: string): string {
  if (PLAIN.test(segment) && segment !== '.' && segment !== '..') return segment;
  if (segment === '') return EMPTY;
  if (segment === '.' || segment === '..') return segment.replaceAll('.', '%2E');
  const characters = Array.from(segment);
  const names: string[] = [];
  let name = '';
  characters.forEach((character, at) => {
    const text = mustEscape(character, at, characters) ? escapeCharacter(character) : character;
    if (Buffer.byteLength(name + text) > MAX_NAME_BYTES) {
      names.push(`${name}${CONTINUED}`);
      name = '';
    }
    name += text;
  });
  return [...names, name].join('/');
}

function decodeName(name: string): string {
  return name.replace(ESCAPES, (run) => {
    try {
      return strict.decode(Buffer.from(run.replaceAll('%', ''), 'hex'));
    } catch {
      // Another program's own percent signs.
      return run;
    }
  });
}

/** The path of a key inside its container. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeSegment).join('/');
}

/** Where an object is whose own path is that of a directory. */
export function aside(path: string): string {
  return path + ASIDE;
}

export function encodeContainer(name: string): string {
  return encodeSegment(name);
}

/** The name of a container; undefined for a directory that is none. */
export function decodeContainer(name: string): string | undefined {
  return name === PRIVATE ? undefined : name === EMPTY ? '' : decodeName(name);
}

/** What a name in a directory adds to the key: of a directory with its slash, unless the segment goes on in it. */
export function decodeEntry(name: string, isDirectory: boolean): string {
  if (isDirectory && name.endsWith(CONTINUED)) return decodeName(name.slice(0, -CONTINUED.length));
  const own = !isDirectory && name.endsWith(ASIDE) ? name.slice(0, -ASIDE.length) : name;
  const text = own === EMPTY ? '' : decodeName(own);
  return isDirectory ? `${text}/` : text;
}

/** The key, or the beginning of keys, that a path of directories stands for. */
export function decodeDirectory(path: string): string {
  if (path === '') return '';
  return path
    .slice(0, -1)
    .split('/')
    .map((name) => decodeEntry(name, true))
    .join('');
}

/** Directories above a path, the outermost first, each with its slash. */
export function directoriesOf(path: string): string[] {
  const found: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) found.push(path.slice(0, at + 1));
  return found;
}

export function refuseKey(key: string): string | undefined {
  if (key.length * 3 <= MAX_KEY_BYTES / 3) return undefined;
  const bytes = Buffer.byteLength(encodeKey(key));
  return bytes > MAX_KEY_BYTES - ASIDE.length
    ? `as a path of the namespace it has ${String(bytes)} bytes, and at most ${String(MAX_KEY_BYTES - ASIDE.length)} are taken`
    : undefined;
}

export function refuseContainer(name: string): string | undefined {
  if (name.includes('/'))
    return 'a container is a directory at the root of the namespace, so that its name holds no slash';
  const path = encodeContainer(name);
  return path.includes('/') || Buffer.byteLength(path) > MAX_CONTAINER_BYTES
    ? `as a name of the namespace it has more than ${String(MAX_CONTAINER_BYTES)} bytes`
    : undefined;
}
