import type { Checksums, CopiedRecord, ObjectRecord, PutAttributes, UserMetadata } from '@stowage/core/spi';
import { base64ToHex, decodeMetadataValue, parseIsoDateMs } from '@stowage/http';
import { metadataText } from './requests.js';

/** An object as the JSON API tells of it: https://cloud.google.com/storage/docs/json_api/v1/objects#resource */
export interface JsonObject {
  readonly name?: string;
  readonly size?: string;
  readonly generation?: string;
  readonly metageneration?: string;
  readonly etag?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly cacheControl?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly md5Hash?: string;
  readonly crc32c?: string;
  readonly storageClass?: string;
  readonly timeCreated?: string;
  readonly updated?: string;
  readonly [field: string]: unknown;
}

/** What the other fields are called in a record's `extra`: as Google calls them. */
const EXTRA = [
  ...['metageneration', 'etag', 'componentCount', 'kmsKeyName', 'customTime', 'temporaryHold', 'eventBasedHold'],
  ...['retentionExpirationTime', 'timeDeleted', 'softDeleteTime', 'hardDeleteTime'],
];

export function toJsonRecord(json: JsonObject): ObjectRecord {
  return { ...toCopiedRecord(json.name ?? '', json), size: Number(json.size) };
}

export function toCopiedRecord(key: string, json: JsonObject): CopiedRecord {
  const { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl, storageClass } = json;
  return {
    ...{ key, etag: json.generation, versionId: json.generation },
    ...{ contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl, storageClass },
    ...(json.size !== undefined && { size: Number(json.size) }),
    modifiedAtMs: parseIsoDateMs(json.updated),
    createdAtMs: parseIsoDateMs(json.timeCreated),
    metadata: readMetadata(json.metadata),
    checksums: readChecksums(json),
    extra: Object.fromEntries(EXTRA.filter((name) => json[name] !== undefined).map((name) => [name, json[name]])),
  };
}

function readChecksums({ md5Hash, crc32c }: JsonObject): Checksums {
  return {
    ...(crc32c !== undefined && { crc32c: base64ToHex(crc32c) }),
    ...(md5Hash !== undefined && { md5: base64ToHex(md5Hash) }),
  };
}

/** Names in lower case, as the XML API gives them; the object has no prototype, since names are the user's. */
function readMetadata(given: Readonly<Record<string, string>> = {}): UserMetadata {
  const metadata = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(given)) metadata[name.toLowerCase()] = decodeMetadataValue(value);
  return metadata;
}

/** Fields that an object can be given, but for its storage class. */
export function writableFields(attributes: PutAttributes): Record<string, unknown> {
  const { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl, metadata } = attributes;
  const fields = { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl };
  return { ...fields, ...(metadata && { metadata: metadataFields(metadata) }) };
}

export function metadataFields(metadata: UserMetadata): Readonly<Record<string, string>> {
  const fields = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(metadata)) fields[name.toLowerCase()] = metadataText(value);
  return fields;
}

/** `public-read` of the XML API is `publicRead` here. */
export function predefinedAcl(acl: string | undefined): string | undefined {
  return acl?.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
