import type { EmulatedRequest } from '../http-request.js';
import { walk, type WalkQuery } from '../key-walk.js';
import { S3Error } from './errors.js';
import type { Bucket, StoredVersion } from './store.js';
import { Siblings, toXml, type XmlValue } from './xml.js';

interface Query extends WalkQuery {
  readonly encode: (text: string) => string;
}

function readQuery({ query }: EmulatedRequest): Query {
  const maxKeys = Number(query.get('max-keys') ?? 1000);
  if (!Number.isInteger(maxKeys) || maxKeys < 0)
    throw new S3Error(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range');
  const encoding = query.get('encoding-type');
  if (encoding !== undefined && encoding !== 'url')
    throw new S3Error(400, 'InvalidArgument', 'Invalid Encoding Method specified in Request');
  const encode = encoding === 'url' ? encodeKey : (text: string) => text;
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: Math.min(maxKeys, 1000),
    encode,
  };
}

/** As S3 does: form encoding, but slashes stay. */
function encodeKey(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replaceAll(/[!'()]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function contents(version: StoredVersion, encode: Query['encode']): Record<string, XmlValue> {
  return {
    Key: encode(version.key),
    LastModified: new Date(version.modifiedAtMs).toISOString(),
    ETag: `"${version.etag}"`,
    ...(version.checksum && { ChecksumAlgorithm: version.checksum.name.toUpperCase() }),
    Size: version.body.length,
    StorageClass: version.storageClass,
  };
}

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html and API_ListObjects.html. Objects that were written after
 * `untilMs` do not show yet.
 */
export function listObjects(bucket: Bucket, request: EmulatedRequest, untilMs: number): string {
  const query = readQuery(request);
  const isV2 = request.query.get('list-type') === '2';
  const token = request.query.get('continuation-token');
  const startAfter = request.query.get(isV2 ? 'start-after' : 'marker') ?? '';
  const after = token === undefined ? startAfter : readToken(token);
  const isShown = (key: string): boolean => (bucket.latest(key)?.modifiedAtMs ?? Infinity) <= untilMs;
  const page = walk(bucket.keys(), after, query, isShown);
  const { encode } = query;
  const versions = page.items.map((key) => bucket.latest(key) as StoredVersion);
  const { last = '' } = page;
  const more = page.last !== undefined && query.maxKeys > 0;
  return toXml('ListBucketResult', {
    Name: bucket.name,
    Prefix: encode(query.prefix),
    ...(query.delimiter !== '' && { Delimiter: encode(query.delimiter) }),
    MaxKeys: query.maxKeys,
    ...(request.query.has('encoding-type') && { EncodingType: 'url' }),
    ...(isV2
      ? {
          KeyCount: page.items.length + page.prefixes.length,
          ...(token !== undefined && { ContinuationToken: token }),
          ...(startAfter !== '' && { StartAfter: encode(startAfter) }),
          ...(more && { NextContinuationToken: Buffer.from(last).toString('base64') }),
        }
      : { Marker: encode(startAfter), ...(more && query.delimiter !== '' && { NextMarker: encode(last) }) }),
    IsTruncated: more,
    Contents: versions.map((version) => contents(version, encode)),
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  });
}

function readToken(token: string): string {
  if (!/^[A-Za-z0-9+/]+=*$/.test(token))
    throw new S3Error(400, 'InvalidArgument', 'The continuation token provided is incorrect');
  return Buffer.from(token, 'base64').toString();
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export function listVersions(bucket: Bucket, request: EmulatedRequest): string {
  const query = readQuery(request);
  const { encode } = query;
  const keyMarker = request.query.get('key-marker') ?? '';
  const versionMarker = request.query.get('version-id-marker');
  const rows = versionRows(bucket, keyMarker, versionMarker, query);
  const shown = rows.slice(0, query.maxKeys);
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  const entry = (version: StoredVersion): Record<string, XmlValue> => ({
    ...contents(version, encode),
    VersionId: version.versionId,
    IsLatest: bucket.versionsOf(version.key).at(-1) === version,
  });
  const versions = shown.filter((row): row is StoredVersion => typeof row !== 'string');
  return toXml('ListVersionsResult', {
    Name: bucket.name,
    Prefix: encode(query.prefix),
    KeyMarker: encode(keyMarker),
    VersionIdMarker: versionMarker ?? '',
    MaxKeys: query.maxKeys,
    ...(request.query.has('encoding-type') && { EncodingType: 'url' }),
    IsTruncated: last !== undefined,
    ...(last !== undefined && {
      NextKeyMarker: encode(typeof last === 'string' ? last : last.key),
      ...(typeof last !== 'string' && { NextVersionIdMarker: last.versionId }),
    }),
    // Versions and marks of deletion stand in one order.
    Version: new Siblings(versions.map((version) => versionRow(version, entry(version)))),
    CommonPrefixes: shown
      .filter((row): row is string => typeof row === 'string')
      .map((prefix) => ({ Prefix: encode(prefix) })),
  });
}

function versionRow(version: StoredVersion, row: Record<string, XmlValue>): readonly [string, XmlValue] {
  if (!version.isDeleteMarker) return ['Version', row];
  const { Key, LastModified, VersionId, IsLatest } = row;
  return ['DeleteMarker', { Key, LastModified, VersionId, IsLatest }];
}

/** Versions, newest first, and common prefixes behind the markers, in key order. */
function versionRows(
  bucket: Bucket,
  keyMarker: string,
  versionMarker: string | undefined,
  query: Query,
): (StoredVersion | string)[] {
  const all = { ...query, maxKeys: Number.POSITIVE_INFINITY };
  const { items, prefixes } = walk(bucket.keys(), keyMarker, all);
  const rest = versionMarker === undefined ? [] : [...bucket.versionsOf(keyMarker)].reverse();
  const behind = rest.slice(rest.findIndex((version) => version.versionId === versionMarker) + 1);
  const rows = [...items, ...prefixes].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const isPrefix = new Set(prefixes);
  const shown = rows.flatMap((row): (StoredVersion | string)[] =>
    isPrefix.has(row) ? [row] : [...bucket.versionsOf(row)].reverse(),
  );
  return [...behind, ...shown];
}
