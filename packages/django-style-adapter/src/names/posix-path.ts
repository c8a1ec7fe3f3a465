/** Python's `posixpath`, where Node's `path.posix` differs: leading double slashes, trailing slashes, extensions of dot files. */

/** Splits into everything before the last slash, without the slashes that end it, and the name after it. */
export function split(path: string): readonly [directory: string, name: string] {
  const cut = path.lastIndexOf('/') + 1;
  const directory = path.slice(0, cut);
  return [/^\/*$/.test(directory) ? directory : directory.replace(/\/+$/, ''), path.slice(cut)];
}

/** The name after the last slash; empty when the path ends with one. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Splits off the extension with its dot. Dots that begin the name begin no extension. */
export function splitext(path: string): readonly [root: string, extension: string] {
  const nameStart = path.lastIndexOf('/') + 1;
  const dot = path.lastIndexOf('.');
  if (dot < nameStart || /^\.*$/.test(path.slice(nameStart, dot))) return [path, ''];
  return [path.slice(0, dot), path.slice(dot)];
}

export function join(directory: string, name: string): string {
  return directory === '' || directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** Resolves `.`, `..` and repeated slashes. Exactly two leading slashes stay, as POSIX has it; an empty path becomes `.`. */
export function normpath(path: string): string {
  if (path === '') return '.';
  const slashes = /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    const climbsOut = part === '..' && (parts.length === 0 ? slashes === '' : parts.at(-1) === '..');
    if (part !== '..' || climbsOut) parts.push(part);
    else parts.pop();
  }
  return slashes + parts.join('/') || '.';
}

/** True when one of the path's parts is `..`. */
export function climbs(path: string): boolean {
  return path.split('/').includes('..');
}
