const MASK = '[redacted]';
/** Shorter values would mask letters of ordinary words, and protect nothing. */
const SHORTEST_SECRET = 4;
/** A line of a key in PEM form is a secret too. */
const SHORTEST_LINE = 16;
const MAX_DEPTH = 8;
const MAX_VALUES = 2_000;

/** Takes secrets out of text and of errors, also where they stand encoded for a URL, JSON or a Basic header. */
export interface Redactor {
  text(value: string): string;
  /** Returns the value itself when no secret is in it, and otherwise a copy without. */
  value(value: unknown): unknown;
}

/** Makes a redactor for the values of a storage's secret options. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const needles = [...new Set(secrets.flatMap(spellings))].sort((a, b) => b.length - a.length);
  if (needles.length === 0) return { text: (value) => value, value: (value) => value };
  const text = (value: string): string => {
    let clean = value;
    for (const needle of needles) if (clean.includes(needle)) clean = clean.replaceAll(needle, MASK);
    return clean;
  };
  return {
    text,
    value: (value) => (isClean(value, text) ? value : cleanCopy(value, text, 0, new Map())),
  };
}

function spellings(secret: string): string[] {
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE) : [];
  return [secret, ...lines.filter((line) => !line.startsWith('-----'))]
    .filter((value) => value.length >= SHORTEST_SECRET)
    .flatMap((value) => [
      value,
      encodeURIComponent(Buffer.from(value).toString()),
      JSON.stringify(value).slice(1, -1),
      Buffer.from(value).toString('base64'),
    ]);
}

/** True when every text that can be reached was looked at and holds no secret. */
function isClean(root: unknown, redact: (text: string) => string): boolean {
  const seen = new Set<object>();
  const waiting: unknown[] = [root];
  for (let looked = 0; waiting.length > 0; looked++) {
    if (looked > MAX_VALUES) return false;
    const value = waiting.pop();
    if (typeof value === 'string' && redact(value) !== value) return false;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (ArrayBuffer.isView(value)) {
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
      if (redact(bytes) !== bytes) return false;
      continue;
    }
    waiting.push(...innerValues(value));
  }
  return true;
}

function innerValues(value: object): unknown[] {
  if (value instanceof Map) return [...(value as Map<unknown, unknown>).entries()].flat();
  if (value instanceof Set) return [...(value as Set<unknown>)];
  return Reflect.ownKeys(value).flatMap((name) => {
    const property = Reflect.getOwnPropertyDescriptor(value, name);
    return property && 'value' in property ? [name, property.value as unknown] : [];
  });
}

type Redact = (text: string) => string;

/** Copies errors, arrays and plain objects; of anything else only the name of its class is kept. */
function cleanCopy(value: unknown, redact: Redact, depth: number, copies: Map<object, unknown>): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'function') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  if (depth > MAX_DEPTH || copies.size > MAX_VALUES) return '[...]';
  if (value instanceof Error) return copyError(value, redact, depth, copies);
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    copies.set(value, list);
    for (const item of value.slice(0, MAX_VALUES)) list.push(cleanCopy(item, redact, depth + 1, copies));
    return list;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `[${value.constructor.name}]`;
  const copy = Object.create(null) as Record<string, unknown>;
  copies.set(value, copy);
  for (const [name, inner] of Object.entries(value)) copy[redact(name)] = cleanCopy(inner, redact, depth + 1, copies);
  return copy;
}

/** Keeps the class, so that `instanceof` still tells what happened. */
function copyError(error: Error, redact: Redact, depth: number, copies: Map<object, unknown>): Error {
  const copy = Object.create(Object.getPrototypeOf(error) as object) as Error;
  copies.set(error, copy);
  for (const name of Reflect.ownKeys(error)) {
    const property = Reflect.getOwnPropertyDescriptor(error, name) as PropertyDescriptor;
    const inner: unknown = name === 'stack' ? error.stack : property.value;
    const value = cleanCopy(inner, redact, depth + 1, copies);
    Object.defineProperty(copy, name, {
      value,
      enumerable: property.enumerable ?? false,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}
