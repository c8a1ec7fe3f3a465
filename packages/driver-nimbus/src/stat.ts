import { type CallContext, type ObjectRecord, type ObjectRef, StorageError } from '@stowage/core/spi';
import { contentLengthOf, parseHttpDateMs, type WireResponse } from '@stowage/http';
import type { NimbusClient } from './client.js';
import { type Facts, readMetadata, type Told } from './facts.js';
import { metadataCall, objectCall, retrieveCall } from './requests.js';

/** An object at one moment. */
export interface Snapshot {
  readonly record: ObjectRecord;
  /** Equal for two snapshots of one version only. */
  readonly mark: string;
  /** Of the stored body: one more than the record's where the object is empty. */
  readonly facts: Facts | undefined;
}

export function askMetadata(client: NimbusClient, ref: ObjectRef, ctx: CallContext): Promise<Told> {
  return client.ask(metadataCall(ref), ctx, readMetadata);
}

/** One request for what the driver wrote in one piece; HEAD beside it for the rest, whose size no metadata tell. */
export async function takeSnapshot(client: NimbusClient, ref: ObjectRef, ctx: CallContext): Promise<Snapshot> {
  const told = await askMetadata(client, ref, ctx);
  return snapshotOf(ref, told) ?? askSize(client, ref, told, ctx);
}

/** Undefined where the metadata do not tell the size. */
export function snapshotOf(ref: ObjectRef, told: Told): Snapshot | undefined {
  const { facts } = told;
  if (facts?.size === undefined) return undefined;
  return { record: toRecord(ref, told, facts.size, facts.modifiedAtMs), mark: facts.etag, facts };
}

async function askSize(client: NimbusClient, ref: ObjectRef, told: Told, ctx: CallContext): Promise<Snapshot> {
  const head = await client.send(objectCall('HEAD', ref), ctx);
  const size = contentLengthOf(head);
  if (size === undefined) throw new StorageError('unknown', 'The server does not tell the size of the object.');
  const { facts } = told;
  const modifiedAtMs = modifiedAt(head);
  const headers = facts ? told.headers : guesses(head);
  const record = toRecord(ref, { ...told, headers }, size, modifiedAtMs);
  return { record, mark: facts?.etag ?? `${String(size)} ${String(modifiedAtMs)}`, facts };
}

export function modifiedAt(response: WireResponse): number | undefined {
  return parseHttpDateMs(response.header('last-modified'));
}

/** What the server guesses from the key: all that there is of an object that another client wrote. */
function guesses(response: WireResponse): Told['headers'] {
  return { contentType: response.header('content-type'), contentEncoding: response.header('content-encoding') };
}

export function toRecord(
  { key }: ObjectRef,
  { facts, headers, metadata }: Told,
  size: number,
  modifiedAtMs: number | undefined,
): ObjectRecord {
  return { key, size, etag: facts?.etag, modifiedAtMs, ...headers, metadata, checksums: checksumsOf(facts) };
}

export function checksumsOf(facts: Facts | undefined): ObjectRecord['checksums'] {
  if (!facts || (facts.md5 ?? facts.crc32) === undefined) return undefined;
  const checksums: { md5?: string; crc32?: string } = {};
  if (facts.md5 !== undefined) checksums.md5 = facts.md5;
  if (facts.crc32 !== undefined) checksums.crc32 = facts.crc32;
  return checksums;
}

/** The server tells the size of a version to nobody who does not read it: HEAD knows only the newest. */
export async function statVersion(client: NimbusClient, ref: ObjectRef, ctx: CallContext): Promise<ObjectRecord> {
  const response = await client.send(retrieveCall(ref, 'stream'), ctx);
  let size = 0;
  for await (const chunk of response.stream as NonNullable<typeof response.stream>) size += (chunk as Buffer).length;
  return versionRecord(ref, size, response);
}

/** Of a version the server tells no metadata. */
export function versionRecord({ key, versionId }: ObjectRef, size: number, response: WireResponse): ObjectRecord {
  return { key, size, versionId, modifiedAtMs: modifiedAt(response), ...guesses(response) };
}
