import { type CallContext, StorageError } from '@stowage/core/spi';
import { childrenOf, escapeXml, parseIsoDateMs, parseXml, textAt, type XmlElement } from '@stowage/http';
import { OCTETS } from './client.js';
import { renameTarget, utf8Headers } from './paths.js';
import type { AtmosService } from './service.js';
import type { AccessTokenInfo, AccessTokenPolicy } from './tools-types.js';

const TOKENS = '/rest/accesstokens';

/** The policy's document: no namespace, and the children in this order. */
export function writePolicy(policy: AccessTokenPolicy): Buffer {
  const {
    expiresAt,
    maxUploads = 0,
    maxDownloads = 0,
    allow = [],
    disallow = [],
    contentBytes,
    formFields = [],
  } = policy;
  const rows = (name: string, values: readonly string[]): string =>
    values.map((value) => `<${name}>${escapeXml(value)}</${name}>`).join('');
  const source =
    allow.length + disallow.length > 0 ? `<source>${rows('allow', allow)}${rows('disallow', disallow)}</source>` : '';
  const range = contentBytes
    ? `<content-length-range from="${String(contentBytes.from)}" to="${String(contentBytes.to)}"/>`
    : '';
  const fields = formFields.map((name) => `<form-field name="${escapeXml(name)}" optional="true"/>`).join('');
  const expiration = `<expiration>${expiresAt.toISOString().slice(0, 19)}Z</expiration>`;
  const counts = rows('max-uploads', [String(maxUploads)]) + rows('max-downloads', [String(maxDownloads)]);
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><policy>${expiration}${counts}${source}${range}${fields}</policy>`,
  );
}

export async function createToken(
  service: AtmosService,
  path: string,
  policy: AccessTokenPolicy,
  ctx: CallContext,
): Promise<{ readonly id: string; readonly url: string }> {
  const { client } = service;
  const target = renameTarget(path);
  const headers = [
    'x-emc-path',
    client.facts.utf8 ? encodeURIComponent(`/${target}`) : `/${target}`,
    ...utf8Headers(service),
  ];
  const call = { method: 'POST', contentType: OCTETS, notFound: 'container-not-found' } as const;
  const response = await client.send({ ...call, resource: TOKENS, headers, body: writePolicy(policy) }, ctx);
  const id = /\/accesstokens\/([\w-]+)/.exec(response.header('location') ?? '')?.[1];
  if (id === undefined)
    throw new StorageError('unknown', 'The store made an access token and does not say where it is.');
  return { id, url: client.origin + client.pathOf(`${TOKENS}/${id}`) };
}

function tokenPath(id: string): string {
  if (/^[\w-]+$/.test(id)) return `${TOKENS}/${id}`;
  throw new StorageError('invalid-argument', 'The id is none of an access token.');
}

export async function tokenInfo({ client }: AtmosService, id: string, ctx: CallContext): Promise<AccessTokenInfo> {
  const call = { method: 'GET', query: 'info', notFound: 'object-not-found' } as const;
  const response = await client.send({ ...call, resource: tokenPath(id) }, ctx);
  return readToken(parseXml(response.bytes, 'an access token'));
}

export async function listTokens({ client }: AtmosService, ctx: CallContext): Promise<AccessTokenInfo[]> {
  const found: AccessTokenInfo[] = [];
  let token: string | undefined;
  do {
    const headers = token === undefined ? [] : ['x-emc-token', token];
    const response = await client.send({ method: 'GET', resource: TOKENS, headers, notFound: 'object-not-found' }, ctx);
    const list = childrenOf(parseXml(response.bytes, 'a list of access tokens'), 'access-tokens-list')[0];
    found.push(...childrenOf(list, 'access-token').map(readToken));
    token = response.header('x-emc-token') || undefined;
  } while (token !== undefined);
  return found;
}

export async function deleteToken({ client }: AtmosService, id: string, ctx: CallContext): Promise<void> {
  await client.send({ method: 'DELETE', resource: tokenPath(id), notFound: 'object-not-found' }, ctx);
}

function readToken(token: XmlElement): AccessTokenInfo {
  return {
    id: textAt(token, 'access-token-id') ?? '',
    expiresAtMs: parseIsoDateMs(textAt(token, 'expiration')),
    maxUploads: Number(textAt(token, 'max-uploads') ?? 0),
    maxDownloads: Number(textAt(token, 'max-downloads') ?? 0),
    path: textAt(token, 'path'),
    oid: textAt(token, 'object-id'),
  };
}
