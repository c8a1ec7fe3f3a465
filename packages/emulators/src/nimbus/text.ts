import { crash } from './errors.js';

/** Percent-decodes as Python's `unquote` does: what is no escape stays. Throws 500 for bytes that are no UTF-8. */
export function unquote(text: string): string {
  const bytes: Buffer[] = [];
  for (const piece of text.split(/((?:%[0-9A-Fa-f]{2})+)/)) {
    const isEscaped = /^%[0-9A-Fa-f]{2}/.test(piece);
    bytes.push(isEscaped ? Buffer.from(piece.replaceAll('%', ''), 'hex') : Buffer.from(piece));
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes));
  } catch {
    throw crash('UnicodeDecodeError');
  }
}

export function unquotePlus(text: string): string {
  return unquote(text.replaceAll('+', ' '));
}

export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** Query arguments in their order, decoded once. A name without `=` has an empty value. */
export function queryPairs(rawQuery: string): readonly (readonly [string, string])[] {
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [unquotePlus(pair), ''] : [unquotePlus(pair.slice(0, at)), unquotePlus(pair.slice(at + 1))];
    });
}

/** `Wed, 02 Jan 2013 03:04:05 GMT` */
export function httpTime(ms: number): string {
  return new Date(ms).toUTCString();
}
