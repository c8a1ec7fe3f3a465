import { createHash, type Hash } from 'node:crypto';
import { AtmosError } from './errors.js';

/** The running digest of an object that was created with `x-emc-wschecksum`. */
export interface WsChecksum {
  readonly algorithm: string;
  readonly hash: Hash;
  readonly bytes: number;
}

interface GivenChecksum {
  readonly algorithm: string;
  readonly value: string;
}

function parse(header: string): GivenChecksum {
  const [algorithm = '', offset = '', value = ''] = header.split('/');
  if (!/^\d+$/.test(offset) || !/^[0-9a-f]+$/i.test(value)) throw new AtmosError(1002);
  const name = algorithm.toUpperCase();
  if (name !== 'MD5' && name !== 'SHA1') throw new AtmosError(1052);
  return { algorithm: name, value: value.toLowerCase() };
}

/** Compares the digest of a new object. */
export function createChecksum(header: string | undefined, body: Buffer): WsChecksum | undefined {
  if (header === undefined) return undefined;
  const given = parse(header);
  return compare(given, createHash(given.algorithm).update(body), body.length);
}

/** Compares the digest of the whole object, as it is after an append. */
export function appendChecksum(
  before: WsChecksum | undefined,
  header: string | undefined,
  { offset, body }: { readonly offset: number; readonly body: Buffer },
): WsChecksum | undefined {
  if (!before) {
    if (header !== undefined) throw new AtmosError(1053);
    return undefined;
  }
  if (header === undefined) throw new AtmosError(1054);
  const given = parse(header);
  if (given.algorithm !== before.algorithm) throw new AtmosError(1050);
  if (offset !== before.bytes) throw new AtmosError(1051);
  return compare(given, before.hash.copy().update(body), before.bytes + body.length);
}

function compare({ algorithm, value }: GivenChecksum, hash: Hash, bytes: number): WsChecksum {
  if (hash.copy().digest('hex') !== value) throw new AtmosError(1049);
  return { algorithm, hash, bytes };
}

export function formatChecksum({ algorithm, hash, bytes }: WsChecksum): string {
  return `${algorithm}/${String(bytes)}/${hash.copy().digest('hex')}`;
}

/** Computes what `x-emc-generate-checksum` asks for. */
export function generateChecksum(algorithm: string | undefined, body: Buffer): string | undefined {
  if (algorithm === undefined) return undefined;
  const name = algorithm.toUpperCase();
  if (name !== 'MD5' && name !== 'SHA1') throw new AtmosError(1052);
  return `${name}/${String(body.length)}/${createHash(name).update(body).digest('hex')}`;
}
