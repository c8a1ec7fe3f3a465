import { randomInt } from 'node:crypto';
import { SuspiciousFileOperation } from '../errors.js';
import { refuseClimbing, splitDirectory, toForwardSlashes, validateFileName } from './file-name.js';
import { join, split, splitext } from './posix-path.js';
import { codePointLength, cutLast } from './python-text.js';

/** Makes another name of a file's root and extension. */
export type NameAlternative = (root: string, extension: string) => string;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const SUFFIX_LENGTH = 7;

/** Adds an underscore and seven random letters or digits: `a`, `.txt` -> `a_kX3b9Qz.txt`. */
export function getAlternativeName(root: string, extension: string): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return `${root}_${suffix}${extension}`;
}

/**
 * Proposes names for a file, one after the other, for ever: the name itself unless it is too long, then alternatives. Each fits
 * into `maxLength` code points; the root is cut as Django cuts it. As in Django, `maxLength` 0 bounds only alternatives.
 * Throws `SuspiciousFileOperation` for a bad name, or when no character of the root would be left.
 */
export function* proposeNames(
  name: string,
  maxLength: number | null | undefined,
  getAlternative: NameAlternative = getAlternativeName,
): Generator<string, never> {
  const [directory, fileName] = splitDirectory(name);
  validateFileName(fileName);
  const [fullRoot, extension] = splitext(fileName);
  let root = fullRoot;
  const whole = toForwardSlashes(name);
  if (!maxLength || codePointLength(whole) <= maxLength) yield whole;
  for (;;) {
    const alternative = join(directory, getAlternative(root, extension));
    const excess = typeof maxLength === 'number' ? codePointLength(alternative) - maxLength : 0;
    if (excess <= 0) {
      yield alternative;
      continue;
    }
    root = cutLast(root, excess);
    if (root === '') throw noNameFits(alternative);
  }
}

function noNameFits(name: string): SuspiciousFileOperation {
  return new SuspiciousFileOperation(
    `Storage can not find an available filename for "${name}". ` +
      'Please make sure that the corresponding file field allows sufficient "max_length".',
  );
}

/**
 * The name for content that may replace what is there, cut to `maxLength` code points: django-storages'
 * `get_available_overwrite_name`. Throws `SuspiciousFileOperation` when no character of the root would be left.
 */
export function getAvailableOverwriteName(name: string, maxLength?: number | null): string {
  const [directory, fileName] = split(name);
  refuseClimbing(directory);
  validateFileName(fileName, { allowRelativePath: true });
  if (maxLength === null || maxLength === undefined || codePointLength(name) <= maxLength) return name;
  const [root, extension] = splitext(fileName);
  const cut = cutLast(root, codePointLength(name) - maxLength);
  if (cut !== '') return join(directory, cut + extension);
  throw new SuspiciousFileOperation(
    `Storage tried to truncate away entire filename "${name}". ` +
      'Please make sure that the corresponding file field allows sufficient "max_length".',
  );
}
