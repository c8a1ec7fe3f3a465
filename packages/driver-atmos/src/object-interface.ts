import { StorageError } from '@stowage/core/spi';
import { OCTETS } from './client.js';
import { utf8Headers } from './paths.js';
import { oidOf } from './put.js';
import type { AtmosService } from './service.js';
import { attributeHeaders, readTags } from './tag-headers.js';
import type { AtmosObjectInterface } from './tools-types.js';
import { sortTags } from './wire.js';

const OBJECTS = '/rest/objects';
const ONCE = { attempt: 1 } as const;

/** Throws `invalid-argument` for what is no id: it becomes part of a path. */
export function oidPath(oid: string): string {
  if (/^[0-9a-f-]{32,64}$/.test(oid)) return `${OBJECTS}/${oid}`;
  throw new StorageError('invalid-argument', 'The id of an object is a word of hexadecimal digits.');
}

/** Objects by id. */
export function objectInterface(service: AtmosService): AtmosObjectInterface {
  const { client, facts } = service;
  const notFound = 'object-not-found';
  return {
    async create(bytes, { contentType = OCTETS, metadata } = {}) {
      const headers = attributeHeaders({ metadata }, [], facts.utf8);
      const call = {
        method: 'POST',
        resource: OBJECTS,
        contentType,
        headers,
        body: Buffer.from(bytes),
        notFound,
      } as const;
      const oid = oidOf(await client.send(call, ONCE));
      if (oid !== undefined) return oid;
      throw new StorageError('unknown', 'The store made an object and does not say its id.');
    },
    async read(oid) {
      const call = { method: 'GET', resource: oidPath(oid), headers: utf8Headers(service), notFound } as const;
      const response = await client.send(call, ONCE);
      const { metadata } = sortTags(readTags(response.header('x-emc-meta'), facts.utf8));
      return { bytes: response.bytes, metadata };
    },
    async append(oid, offset, bytes) {
      const range = `bytes=${String(offset)}-${String(offset + bytes.length - 1)}`;
      const call = { method: 'PUT', contentType: OCTETS, range, body: Buffer.from(bytes), notFound } as const;
      if (bytes.length > 0) await client.send({ ...call, resource: oidPath(oid) }, ONCE);
    },
    async delete(oid) {
      await client.send({ method: 'DELETE', resource: oidPath(oid), notFound }, ONCE);
    },
  };
}
