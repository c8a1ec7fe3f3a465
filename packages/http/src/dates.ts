const UTC = 0x5a;
const POINT = 0x2e;

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

/** Reads an HTTP date, also of the obsolete forms, into milliseconds since 1970; undefined when it is none. Always UTC. */
export function parseHttpDateMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const timeMs = fixedDateMs(text);
  return Number.isNaN(timeMs) ? parseOtherHttpDateMs(text) : timeMs;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
/** `Sun, 06 Nov 1994 08:49:37 GMT`, of a century and an hour that leave nothing to interpret. */
const FIXED_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} [1-9]\d{3} [0-2]\d:[0-5]\d:[0-5]\d GMT$/;

/** The form that servers send today; NaN for any other. */
function fixedDateMs(text: string): number {
  if (!FIXED_DATE.test(text) || digitsAt(text, 17, 2) > 23) return NaN;
  const month = MONTHS.indexOf(text.slice(8, 11)) / 3 + 1;
  if (!Number.isInteger(month)) return NaN;
  const seconds = digitsAt(text, 17, 2) * 3600 + digitsAt(text, 20, 2) * 60 + digitsAt(text, 23, 2);
  return dayMs(digitsAt(text, 12, 4), month, digitsAt(text, 5, 2)) + seconds * 1000;
}

function parseOtherHttpDateMs(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(text)) return undefined;
  const timeMs = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
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

function isDigits(text: string, at: number, count: number): boolean {
  return !Number.isNaN(digitsAt(text, at, count));
}

let lastDay = NaN;
let lastDayMs = NaN;

/** Milliseconds from 1970 to a day; NaN for no day. Rows that follow each other are often of the same day. */
function dayMs(year: number, month: number, day: number): number {
  const name = (year * 16 + month) * 32 + day;
  if (name !== lastDay) {
    lastDayMs = month >= 1 && month <= 12 && day >= 1 && day <= 31 ? Date.UTC(year, month - 1, day) : NaN;
    lastDay = name;
  }
  return lastDayMs;
}

/**
 * Reads an ISO 8601 time, the part of `text` between two positions, into milliseconds since 1970; undefined when it is none.
 * A time without a zone is UTC, as Swift sends it, and digits after the milliseconds are dropped.
 */
export function parseIsoDateMs(text: string | undefined, from = 0, to = text?.length ?? 0): number | undefined {
  if (text === undefined) return undefined;
  const length = to - from;
  const hasPoint = text.charCodeAt(from + 19) === POINT;
  const isUtc = text.charCodeAt(to - 1) === UTC;
  // Swift writes six digits and no zone.
  const hasMs = hasPoint && (isUtc ? length === 24 : length === 26 && isDigits(text, from + 20, 6));
  if (!hasMs && !(isUtc && length === 20)) return parseOtherIsoDateMs(text.slice(from, to));
  const seconds =
    digitsAt(text, from + 11, 2) * 3600 + digitsAt(text, from + 14, 2) * 60 + digitsAt(text, from + 17, 2);
  const timeMs =
    dayMs(digitsAt(text, from, 4), digitsAt(text, from + 5, 2), digitsAt(text, from + 8, 2)) +
    seconds * 1000 +
    (hasMs ? digitsAt(text, from + 20, 3) : 0);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function parseOtherIsoDateMs(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/i.exec(text);
  if (!match) return undefined;
  const [, day = '', time = '', fraction = '', zone = 'Z'] = match;
  const timeMs = Date.parse(
    `${day}T${time}${fraction.slice(0, 4)}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2').toUpperCase()}`,
  );
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
