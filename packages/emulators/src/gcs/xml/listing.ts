import type { EmulatedRequest } from '../../http-request.js';
import { walk, type WalkQuery } from '../../key-walk.js';
import { toXml, type XmlValue } from '../../s3/xml.js';
import { invalid } from '../errors.js';
import { isoTime, xmlEtagOf } from '../resource.js';
import type { Bucket, StoredObject } from '../store.js';
import { NAMESPACE } from './objects.js';

interface Query extends WalkQuery {
  readonly encode: (text: string) => string;
}

function readQuery({ query }: EmulatedRequest): Query {
  const maxKeys = Number(query.get('max-keys') ?? 1000);
  if (!Number.isInteger(maxKeys) || maxKeys < 0) throw invalid('The value of max-keys is not valid.');
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text;
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: Math.min(maxKeys === 0 ? 1000 : maxKeys, 1000),
    encode,
  };
}

/** Says that keys are escaped. */
function encodingOf({ query }: EmulatedRequest): Record<string, XmlValue> {
  return query.has('encoding-type') ? { EncodingType: 'url' } : {};
}

function row(object: StoredObject, { encode }: Query): Record<string, XmlValue> {
  return {
    Key: encode(object.name),
    Generation: object.generation,
    MetaGeneration: object.metageneration,
    LastModified: isoTime(object.updatedAtMs),
    ETag: `"${xmlEtagOf(object)}"`,
    Size: object.content.size,
    StorageClass: object.fields.storageClass,
  };
}

/** https://cloud.google.com/storage/docs/xml-api/get-bucket-list */
export function listObjects(bucket: Bucket, request: EmulatedRequest): string {
  const query = readQuery(request);
  const isV2 = request.query.get('list-type') === '2';
  const token = request.query.get('continuation-token');
  const marker = request.query.get(isV2 ? 'start-after' : 'marker') ?? '';
  const after = token === undefined ? marker : Buffer.from(token, 'base64').toString('utf8');
  const page = walk(bucket.liveNames(), after, query);
  const { encode } = query;
  const { last } = page;
  return toXml(
    'ListBucketResult',
    {
      Name: bucket.name,
      Prefix: encode(query.prefix),
      ...(query.delimiter !== '' && { Delimiter: encode(query.delimiter) }),
      ...encodingOf(request),
      MaxKeys: query.maxKeys,
      ...(isV2
        ? {
            KeyCount: page.items.length + page.prefixes.length,
            ...(token !== undefined && { ContinuationToken: token }),
            ...(marker !== '' && { StartAfter: encode(marker) }),
            ...(last !== undefined && { NextContinuationToken: Buffer.from(last).toString('base64') }),
          }
        : { Marker: encode(marker), ...(last !== undefined && { NextMarker: encode(last) }) }),
      IsTruncated: last !== undefined,
      Contents: page.items.map((name) => row(bucket.live(name) as StoredObject, query)),
      CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    },
    NAMESPACE,
  );
}

/** With `versions`: every generation of a name, the oldest first, behind `marker` and `generation-marker`. */
export function listVersions(bucket: Bucket, request: EmulatedRequest): string {
  const query = readQuery(request);
  const { encode } = query;
  const marker = request.query.get('marker') ?? request.query.get('key-marker') ?? '';
  const generation = request.query.get('generation-marker') ?? request.query.get('version-id-marker');
  const rest =
    generation === undefined
      ? []
      : bucket.generationsOf(marker).filter((object) => object.generation > Number(generation));
  const page = walk(bucket.names(), marker, query);
  const all = [...rest, ...page.items.flatMap((name) => [...bucket.generationsOf(name)])];
  const shown = all.slice(0, query.maxKeys);
  const isCut = all.length > shown.length;
  const last = isCut || page.last !== undefined ? shown.at(-1) : undefined;
  const prefixes = isCut ? page.prefixes.filter((prefix) => prefix <= (last?.name ?? '')) : page.prefixes;
  const behindPrefix = !isCut && page.last !== undefined && page.last !== last?.name;
  return toXml(
    'ListVersionsResult',
    {
      Name: bucket.name,
      Prefix: encode(query.prefix),
      ...encodingOf(request),
      KeyMarker: encode(marker),
      GenerationMarker: generation ?? '',
      MaxKeys: query.maxKeys,
      IsTruncated: isCut || page.last !== undefined,
      ...(behindPrefix
        ? { NextKeyMarker: encode(page.last) }
        : last && { NextKeyMarker: encode(last.name), NextGenerationMarker: last.generation }),
      Version: shown.map((object) => ({ ...row(object, query), IsLatest: object.replacedAtMs === undefined })),
      CommonPrefixes: prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    },
    NAMESPACE,
  );
}
