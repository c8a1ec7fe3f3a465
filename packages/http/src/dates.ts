let isoSecond = -1;
let isoText = '';
let httpSecond = -1;
let httpText = '';

/** Formats a time as `20130524T000000Z`. */
export function basicIsoDate(timeMs: number): string {
  const second = Math.floor(timeMs / 1000);
  if (second !== isoSecond) {
    isoText = `${new Date(second * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
    isoSecond = second;
  }
  return isoText;
}

/** Formats a time as `Fri, 24 May 2013 00:00:00 GMT`. */
export function httpDate(timeMs: number): string {
  const second = Math.floor(timeMs / 1000);
  if (second !== httpSecond) {
    httpText = new Date(second * 1000).toUTCString();
    httpSecond = second;
  }
  return httpText;
}

/** Reads an HTTP date into milliseconds since 1970; undefined when it is none. */
export function parseHttpDateMs(text: string | undefined): number | undefined {
  const timeMs = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function digitsAt(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Reads an ISO 8601 time into milliseconds since 1970; undefined when it is none. A time without a zone is UTC, as Swift sends it,
 * and digits after the milliseconds are dropped.
 */
export function parseIsoDateMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const plain = text.length === 24 && text.charCodeAt(23) === 90 && text.charCodeAt(19) === 46;
  if (plain || (text.length === 20 && text.charCodeAt(19) === 90)) {
    const seconds = digitsAt(text, 11, 2) * 3600 + digitsAt(text, 14, 2) * 60 + digitsAt(text, 17, 2);
    const day = Date.UTC(digitsAt(text, 0, 4), digitsAt(text, 5, 2) - 1, digitsAt(text, 8, 2));
    const timeMs = day + seconds * 1000 + (plain ? digitsAt(text, 20, 3) : 0);
    return Number.isNaN(timeMs) ? undefined : timeMs;
  }
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`;
  const timeMs = Date.parse(zoned.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
