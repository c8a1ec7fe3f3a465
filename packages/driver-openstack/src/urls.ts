import {
  type CallContext,
  type ObjectRef,
  type SignedForm,
  type SignedUrl,
  type SignFormRequest,
  type SignUrlRequest,
  StorageError,
  type UrlsGroup,
} from '@stowage/core/spi';
import { queryString } from '@stowage/http';
import { MAX_PUT_BYTES } from './capabilities.js';
import type { Address } from './options.js';
import { refuse } from './options.js';
import { findMark } from './segments.js';
import { segmentOf } from './pending.js';
import { objectPath } from './requests.js';
import type { SwiftService } from './swift-service.js';
import { signFormPost, signTempUrl } from './temp-url.js';

/** Signed and public addresses. The first asks which key and which digest; after that none costs a request. */
export function urlsGroup(service: SwiftService): UrlsGroup {
  return {
    sign: (ref, request, ctx) => signUrl(service, ref, request, ctx),
    publicUrl: (ref) => publicUrl(service, ref),
    ...(service.facts.forms && { signForm: (ref, request, ctx) => signForm(service, ref, request, ctx) }),
    async signPart(upload, { number, expiresInSeconds }, ctx) {
      await findMark(service, upload, ctx);
      return signUrl(service, segmentOf(upload, number), { method: 'PUT', expiresInSeconds }, ctx);
    },
  };
}

/** A TempURL of one object. */
export async function signUrl(
  service: SwiftService,
  ref: ObjectRef,
  request: SignUrlRequest,
  ctx: CallContext,
): Promise<SignedUrl> {
  checkUrlKey(ref.key);
  if (/^\/+$/.test(ref.key)) return refuse('Swift signs no address for a key of slashes alone.');
  const { method, expiresInSeconds, contentType, response } = request;
  if (contentType !== undefined) throw cannot('prescribe the content type of what is sent', 'contentType');
  if (response?.contentType !== undefined)
    throw cannot('change the content type of the answer', 'response.contentType');
  if (ref.versionId !== undefined) throw cannot('name a version', 'versionId');
  const expires = Math.ceil(service.wire.host.nowMs() / 1000) + expiresInSeconds;
  const more = dispositionQuery(response?.contentDisposition);
  return {
    url: await tempUrl(service, { ref, method, expires, more }, ctx),
    method,
    headers: {},
    expiresAtMs: expires * 1000,
  };
}

/** What an address shall allow, in Swift's own terms. */
export interface TempUrlWish {
  readonly ref: ObjectRef;
  readonly method: string;
  /** Seconds since 1970. */
  readonly expires: number;
  /** The same signature then serves every key of the container that begins so. */
  readonly prefix?: string | undefined;
  readonly ipRange?: string | undefined;
  /** Further parameters, names and values in turn. */
  readonly more?: readonly (string | undefined)[] | undefined;
}

export async function tempUrl(service: SwiftService, wish: TempUrlWish, ctx: CallContext): Promise<string> {
  const { ref, method, expires, prefix, ipRange, more = [] } = wish;
  const [key, digest, storage] = await Promise.all([
    service.tempUrlKey.key(ctx),
    service.tempUrlKey.digest('tempurl', ctx),
    service.wire.storage(ctx),
  ]);
  const signed = prefix === undefined ? ref : { container: ref.container, key: prefix };
  const isPrefix = prefix !== undefined;
  const signature = signTempUrl({ method, path: plainPath(storage, signed), expires, isPrefix, ipRange }, key, digest);
  const query = queryString(
    ...['temp_url_sig', signature, 'temp_url_expires', String(expires)],
    ...['temp_url_prefix', prefix, 'temp_url_ip_range', ipRange],
    ...more,
  );
  return storage.origin + storage.path + objectPath(ref) + query;
}

/** The path as it is signed: not escaped. */
function plainPath({ path }: Address, { container, key }: ObjectRef): string {
  return `${decodeURIComponent(path)}/${container}/${key}`;
}

/** Swift writes the header itself, of a file name or the one word. */
function dispositionQuery(disposition: string | undefined): readonly string[] {
  if (disposition === undefined) return [];
  if (disposition === 'inline') return ['inline', ''];
  const name = /^(attachment|inline)\s*;\s*filename="([^"\\]*)"$/.exec(disposition);
  if (name)
    return name[1] === 'inline' ? ['inline', '', 'filename', name[2] as string] : ['filename', name[2] as string];
  throw cannot(
    `answer with any other disposition than "inline" and 'attachment; filename="..."'`,
    'response.contentDisposition',
  );
}

/** Whoever opens an address takes the steps of its path: `a/../b` is `b` by then, even when the dots are escaped. */
function checkUrlKey(key: string): void {
  const step = key.split('/').find((segment) => segment === '.' || segment === '..');
  if (step === undefined) return;
  refuse(
    `No address can name the key ${JSON.stringify(key)}: browsers take "${step}" for a step in the path. Read it with bytes() or stream().`,
  );
}

function cannot(what: string, option: string): StorageError {
  return new StorageError('unsupported', `A TempURL cannot ${what}; remove "${option}".`, { requestSent: false });
}

function publicUrl({ wire, options }: SwiftService, ref: ObjectRef): string {
  checkUrlKey(ref.key);
  if (ref.versionId !== undefined) throw cannot('name a version', 'versionId');
  const known = wire.tokens.known?.storage;
  if (known) return known.origin + known.path + objectPath(ref);
  if (options.storageUrl !== undefined) return options.storageUrl.replace(/\/+$/, '') + objectPath(ref);
  throw new StorageError(
    'unsupported',
    'The address of the account is known after the first call only; give "storageUrl".',
    {
      requestSent: false,
    },
  );
}

const NEEDS_PREFIX =
  'A form of Swift stores a file under "key" and the name that the file has on the sender\'s side: give "keyIsPrefix": true.';

/** A form for one file. */
async function signForm(
  service: SwiftService,
  { container, key }: ObjectRef,
  request: SignFormRequest,
  ctx: CallContext,
): Promise<SignedForm> {
  const { expiresInSeconds, minBytes = 0, maxBytes = MAX_PUT_BYTES, contentType, keyIsPrefix } = request;
  checkUrlKey(key);
  if (keyIsPrefix !== true) throw new StorageError('unsupported', NEEDS_PREFIX, { requestSent: false });
  if (minBytes > 0) throw cannot('ask for a least size', 'minBytes');
  if (contentType !== undefined) throw cannot('prescribe the content type of what is sent', 'contentType');
  const [secret, digest, storage] = await Promise.all([
    service.tempUrlKey.key(ctx),
    service.tempUrlKey.digest('formpost', ctx),
    service.wire.storage(ctx),
  ]);
  const expires = Math.ceil(service.wire.host.nowMs() / 1000) + expiresInSeconds;
  const limits = { redirect: '', maxFileSize: maxBytes, maxFileCount: 1, expires };
  const signature = signFormPost({ path: plainPath(storage, { container, key }), ...limits }, secret, digest);
  const fields = {
    redirect: '',
    max_file_size: String(maxBytes),
    max_file_count: '1',
    expires: String(expires),
    signature,
  };
  return { url: storage.origin + storage.path + objectPath({ container, key }), fields, expiresAtMs: expires * 1000 };
}
