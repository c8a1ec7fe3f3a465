import { SEGMENTS_SUFFIX } from './pending.js';

/** The segments that a dynamic large object is read from. */
export interface DynamicSegments {
  readonly container: string;
  readonly prefix: string;
  /** True for a name below the prefix that is surely a segment, and may be deleted with the object. */
  readonly isSegment: (name: string) => boolean;
}

/**
 * Reads `X-Object-Manifest`, `container/prefix`. A prefix may also match what is no segment: in a container of their own all names below a
 * folder count, elsewhere only numbers, as Libcloud names its parts (`photo.jpg/00000001`). Undefined for what names no folder.
 */
export function dynamicSegments(manifest: string, ownContainer: string): DynamicSegments | undefined {
  const text = unescape(manifest);
  const slash = text.indexOf('/');
  const [container, prefix] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash < 1 || prefix === '') return undefined;
  const isApart = container !== ownContainer && container.endsWith(SEGMENTS_SUFFIX);
  // Some clients leave out the slash, so that the prefix alone would match neighbours too.
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
  const isSegment = (name: string): boolean =>
    isApart ? name.startsWith(folder) : name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length));
  return { container, prefix, isSegment };
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text.replace(/^\//, ''));
  } catch {
    return text;
  }
}
