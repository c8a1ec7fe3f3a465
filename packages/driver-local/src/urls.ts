import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  type DriverHost,
  type ObjectRef,
  type SignedUrl,
  type SignUrlRequest,
  StorageError,
  type UrlMethod,
} from '@stowage/core/spi';
import { guard, segmentOf } from './keys.js';

export const URL_METHODS: readonly UrlMethod[] = ['GET', 'HEAD', 'PUT', 'DELETE'];
/** As long as S3 allows, so that what works here works there. */
export const MAX_URL_SECONDS = 7 * 24 * 3600;

const VERSION = 1;
const NO_HEADER_VALUE = /[^\t\x20-\x7e]/;

/** What a signed URL permits. All of it is signed. */
export interface Permit {
  readonly ref: ObjectRef;
  readonly method: string;
  /** Seconds since 1970. */
  readonly expires: number;
  /** Content type that a PUT must bring. */
  readonly contentType: string | undefined;
  readonly responseContentType: string | undefined;
  readonly responseContentDisposition: string | undefined;
}

/** Why a URL opens nothing; undefined when it does. */
export type Refusal = 'unsigned' | 'forged' | 'expired' | 'other-method' | undefined;

/** Makes and checks URLs of objects below a base. */
export class UrlSigner {
  readonly #base: string;
  readonly #basePath: string;
  readonly #secret: string | undefined;
  readonly #host: DriverHost;

  constructor(baseUrl: URL, secret: string | undefined, host: DriverHost) {
    this.#base = baseUrl.href.replace(/\/+$/, '');
    this.#basePath = baseUrl.pathname.replace(/\/+$/, '');
    this.#secret = secret;
    this.#host = host;
  }

  /**
   * The address of an object. Segments are guarded as they are in file names, since every reader of URLs rewrites `/a/../b` and some
   * rewrite `/a//b`.
   */
  address({ container, key }: ObjectRef): string {
    const path = [container, ...key.split('/').map(guard)].map(encodeURIComponent).join('/');
    return `${this.#base}/${path}`;
  }

  /** The object of a path; undefined when it names none. */
  refOf(pathname: string): ObjectRef | undefined {
    if (!pathname.startsWith(`${this.#basePath}/`)) return undefined;
    try {
      const [container = '', ...names] = pathname
        .slice(this.#basePath.length + 1)
        .split('/')
        .map(decodeURIComponent);
      const segments = names.map(segmentOf);
      if (segments.length === 0 || segments.includes(undefined)) return undefined;
      return { container, key: segments.join('/') };
    } catch {
      // A percent sign without two digits.
      return undefined;
    }
  }

  sign(ref: ObjectRef, request: SignUrlRequest): SignedUrl {
    const { method, expiresInSeconds, contentType, response } = request;
    const expires = Math.floor(this.#host.nowMs() / 1000) + expiresInSeconds;
    const permit: Permit = {
      ref,
      method,
      expires,
      contentType,
      responseContentType: headerValue('response.contentType', response?.contentType),
      responseContentDisposition: headerValue('response.contentDisposition', response?.contentDisposition),
    };
    const query = new URLSearchParams({ expires: String(expires) });
    for (const [name, value] of Object.entries(signedFields(permit))) if (value !== undefined) query.set(name, value);
    query.set('signature', this.#digest(permit).toString('base64url'));
    return {
      url: `${this.address(ref)}?${query.toString()}`,
      method,
      headers: contentType === undefined ? {} : { 'content-type': contentType },
      expiresAtMs: expires * 1000,
    };
  }

  /** Reads what a URL permits, if it was signed here, for this method, and its time is not over. */
  check(
    ref: ObjectRef,
    method: string,
    query: URLSearchParams,
  ): { readonly refusal: Refusal; readonly permit: Permit } {
    const permit: Permit = {
      ref,
      method,
      expires: Number(query.get('expires')),
      contentType: query.get('content-type') ?? undefined,
      responseContentType: query.get('response-content-type') ?? undefined,
      responseContentDisposition: query.get('response-content-disposition') ?? undefined,
    };
    return { refusal: this.#refuse(permit, query), permit };
  }

  #refuse(permit: Permit, query: URLSearchParams): Refusal {
    const signature = query.get('signature');
    if (signature === null || this.#secret === undefined) return 'unsigned';
    const given = Buffer.from(signature, 'base64url');
    if (!isEqual(given, this.#digest(permit))) {
      const others = URL_METHODS.filter((method) => method !== permit.method);
      const isOther = others.some((method) => isEqual(given, this.#digest({ ...permit, method })));
      return isOther ? 'other-method' : 'forged';
    }
    return permit.expires * 1000 > this.#host.nowMs() ? undefined : 'expired';
  }

  #digest(permit: Permit): Buffer {
    if (this.#secret === undefined) {
      throw new StorageError('unsupported', 'Signed URLs need the option "urlSecret" (or "key") of the local driver.');
    }
    const { ref, method, expires } = permit;
    const fields = signedFields(permit);
    const signed = [
      VERSION,
      method,
      ref.container,
      ref.key,
      expires,
      ...Object.values(fields).map((value) => value ?? null),
    ];
    return createHmac('sha256', this.#secret).update(JSON.stringify(signed)).digest();
  }
}

/** Query names, in the order in which they are signed. */
function signedFields(permit: Permit): Record<string, string | undefined> {
  return {
    'content-type': permit.contentType,
    'response-content-type': permit.responseContentType,
    'response-content-disposition': permit.responseContentDisposition,
  };
}

function isEqual(given: Buffer, wanted: Buffer): boolean {
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Throws `invalid-argument` for what no header can hold. */
function headerValue(name: string, value: string | undefined): string | undefined {
  if (value === undefined || !NO_HEADER_VALUE.test(value)) return value;
  const advice = "Write other characters as filename*=UTF-8''... (RFC 8187).";
  throw new StorageError('invalid-argument', `"${name}" holds characters that no header can hold. ${advice}`);
}
