import { findRow, type ProviderRow } from './presets.js';

/** What a type string asks for, before anything is looked up in `node_modules`. */
export type TypeName =
  | { readonly kind: 'provider'; readonly row: ProviderRow }
  | { readonly kind: 'package'; readonly packageName: string; readonly preset: string | undefined }
  /** A plain word in lower case that no table knows: only a driver that the application gives itself can know it. */
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'unknown' };

/** Only such packages are ever imported: a settings file cannot load `left-pad`, a path or an address. */
const packageName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?(?:stowage-)?driver-[a-z0-9-]+$/;
const longestPackageName = 214;

const word = /^[a-z0-9_-]{1,64}$/;
const dottedPrefix = /^libcloud\.storage\.types\.provider\./;

/**
 * Reads a type string. Accepts Libcloud's dotted form, a bare constant or its value, `*_HOST` names, misspellings of the Django
 * documentation, Libcloud's old numbers and short names, all in any case, and package names with an optional `:preset`.
 * White space around it is ignored.
 */
export function parseTypeName(text: string | number): TypeName {
  const trimmed = String(text).trim();
  const [name = '', preset, ...more] = trimmed.split(':', 3);
  if (name.length <= longestPackageName && packageName.test(name) && more.length === 0) {
    return parsePackage(name, preset);
  }
  if (trimmed.length > 2 * longestPackageName) return { kind: 'unknown' };
  const bare = toLowerCaseAscii(trimmed).replace(dottedPrefix, '');
  if (!word.test(bare)) return { kind: 'unknown' };
  const row = findRow(bare);
  return row ? { kind: 'provider', row } : { kind: 'word', word: bare };
}

function parsePackage(name: string, preset: string | undefined): TypeName {
  if (preset === undefined) return { kind: 'package', packageName: name, preset };
  const presetName = toLowerCaseAscii(preset);
  return word.test(presetName) ? { kind: 'package', packageName: name, preset: presetName } : { kind: 'unknown' };
}

/** Unlike `toLowerCase`, turns no other alphabet's letter (such as the Kelvin sign) into an ASCII one. */
function toLowerCaseAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
