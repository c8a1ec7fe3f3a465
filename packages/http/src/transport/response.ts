import type { Readable } from 'node:stream';
import type { WireResponse } from '../wire.js';
import type { BodyCollector } from './collector.js';

const EMPTY = Buffer.alloc(0);
const NOT_ASCII = /[^\0-\x7f]/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** True when `raw` is `name`, which is in lower case; letters in `raw` may be of either case. */
function matches(raw: Buffer, name: string, length: number): boolean {
  for (let at = 0; at < length; at += 1) {
    const byte = raw[at] as number;
    const wanted = name.charCodeAt(at);
    if (byte !== wanted && (byte | 0x20) !== wanted) return false;
  }
  return true;
}

function decode(raw: Buffer): string {
  const text = raw.toString('latin1');
  if (!NOT_ASCII.test(text)) return text;
  try {
    return utf8.decode(raw);
  } catch {
    return text;
  }
}

/** An answer over the raw header bytes that the parser gives: names and values in turn. */
export class RawResponse implements WireResponse {
  readonly status: number;
  readonly #raw: readonly Buffer[];
  /** A bit for each length, modulo 32, that a name has: most headers that are asked for are not there. */
  #lengths = 0;
  body: BodyCollector | undefined = undefined;
  stream: Readable | undefined = undefined;

  constructor(status: number, raw: readonly Buffer[]) {
    this.status = status;
    this.#raw = raw;
    for (let at = 0; at < raw.length; at += 2) this.#lengths |= 1 << (raw[at] as Buffer).length;
  }

  get bytes(): Buffer {
    return this.body ? this.body.bytes : EMPTY;
  }

  release(): void {
    this.body?.release();
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  header(name: string): string | undefined {
    if ((this.#lengths & (1 << name.length)) === 0) return undefined;
    const raw = this.#raw;
    let found: string | undefined;
    for (let at = 0; at < raw.length; at += 2) {
      const candidate = raw[at] as Buffer;
      if (candidate.length !== name.length || !matches(candidate, name, name.length)) continue;
      const value = decode(raw[at + 1] as Buffer);
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  headersWithPrefix(prefix: string): string[] {
    const raw = this.#raw;
    const pairs: string[] = [];
    for (let at = 0; at < raw.length; at += 2) {
      const candidate = raw[at] as Buffer;
      if (candidate.length < prefix.length || !matches(candidate, prefix, prefix.length)) continue;
      pairs.push(candidate.toString('latin1', prefix.length).toLowerCase(), decode(raw[at + 1] as Buffer));
    }
    return pairs;
  }
}

/** The announced length of a body in bytes; undefined where none or nonsense is announced. */
export function contentLengthOf(response: WireResponse): number | undefined {
  const text = response.header('content-length');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
