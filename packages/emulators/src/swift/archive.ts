import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { Bytes } from './bytes.js';
import { type Answer, bodyOf, type Call, type Handler, isSuccess, subCall, textAnswer } from './call.js';
import { htmlError, statusLine, SwiftError } from './errors.js';
import { quote, reportAnswer, reportType } from './report.js';

/** `PUT ...?extract-archive=tar|tar.gz`: every file becomes an object; containers are created as they are needed. */
export async function bulkUpload(call: Call, next: Handler): Promise<Answer> {
  const kind = (call.query.get('extract-archive') ?? '').toLowerCase().replaceAll(/^\.|\.$/g, '');
  if (kind !== 'tar' && kind !== 'tar.gz') throw htmlError(400, 'Unsupported archive format');
  const type = reportType(call);
  const facts = { 'Response Status': statusLine(201), 'Response Body': '', 'Number Files Created': 0 };
  const errors: (readonly [string, string])[] = [];
  try {
    if (call.body.length === undefined && call.headers['transfer-encoding'] === undefined) throw new SwiftError(411);
    const { bytes } = await call.body.read(Number.MAX_SAFE_INTEGER);
    for await (const file of filesOf(bytes, kind === 'tar.gz')) {
      const failure = await storeFile(call, next, file);
      if (failure === undefined) facts['Number Files Created'] += 1;
      else if (failure !== 'ignored') errors.push([quote(failure.path), failure.status]);
    }
    if (errors.length > 0) facts['Response Status'] = statusLine(400);
    else if (facts['Number Files Created'] === 0)
      Object.assign(facts, { 'Response Status': statusLine(400), 'Response Body': 'Invalid Tar File: No Valid Files' });
  } catch (error) {
    const isRefusal = error instanceof SwiftError;
    const status = statusLine(isRefusal ? error.status : 400);
    const message = isRefusal ? (error.text ?? '') : `Invalid Tar File: ${String(error)}`;
    Object.assign(facts, { 'Response Status': status, 'Response Body': message });
  }
  return textAnswer(200, reportAnswer(type, facts, errors, 'extract'), type);
}

interface ArchivedFile {
  readonly header: Header;
  readonly bytes: Bytes;
}

async function* filesOf(archive: Bytes, isZipped: boolean): AsyncGenerator<ArchivedFile> {
  const source = Readable.from(archive.chunks);
  const entries = extract();
  const unzipped = isZipped ? source.pipe(createGunzip().on('error', (error) => entries.destroy(error))) : source;
  for await (const entry of unzipped.pipe(entries)) {
    const bytes = await buffer(entry);
    if (entry.header.type === 'file') yield { header: entry.header, bytes: Bytes.of(bytes) };
  }
}

async function storeFile(
  call: Call,
  next: Handler,
  { header, bytes }: ArchivedFile,
): Promise<'ignored' | { readonly path: string; readonly status: string } | undefined> {
  const base = [call.container, call.object?.replace(/\/+$/, '')].filter((part) => part !== undefined).join('/');
  const name = header.name.replace(/^\.\//, '').replace(/^\/+/, '');
  const path = base === '' ? name : `${base}/${name}`;
  const [, container = '', object = ''] = /^([^/]+)\/(.+)$/s.exec(path) ?? [];
  if (object === '') return 'ignored';
  const head = await next(subCall(call, { method: 'HEAD', container, object: undefined }));
  const made = head.status === 404 ? await next(subCall(call, { method: 'PUT', container, object: undefined })) : head;
  const headers = { ...givenHeaders(call), ...paxHeaders(header) };
  const answer = await next(subCall(call, { method: 'PUT', container, object, headers, body: bodyOf(bytes) }));
  if (isSuccess(answer)) return undefined;
  return isSuccess(made)
    ? { path, status: statusLine(answer.status) }
    : { path: `/v1/${call.account}/${container}`, status: statusLine(made.status) };
}

function givenHeaders({ headers }: Call): Record<string, string> {
  const isMeant = ([name]: readonly [string, string]): boolean =>
    name === 'x-delete-at' || name === 'x-delete-after' || name.startsWith('x-object-meta-');
  return Object.fromEntries(Object.entries(headers).filter(isMeant));
}

/** Extended attributes of a file that become its metadata and its type. */
function paxHeaders({ pax }: Header): Record<string, string> {
  const pairs = Object.entries((pax ?? {}) as Record<string, string>).flatMap(([key, value]): [string, string][] => {
    const attribute = /^(?:SCHILY|LIBARCHIVE)\.xattr\.user\.(.+)$/.exec(key)?.[1];
    if (attribute === 'mime_type') return [['content-type', value]];
    const name = /^meta\.(.+)$/.exec(attribute ?? '')?.[1];
    return name === undefined ? [] : [[`x-object-meta-${name.toLowerCase()}`, value]];
  });
  return Object.fromEntries(pairs);
}
