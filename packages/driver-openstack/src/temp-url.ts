import { createHmac } from 'node:crypto';

export type TempUrlDigest = 'sha1' | 'sha256' | 'sha512';

/** What a TempURL allows: https://docs.openstack.org/swift/latest/api/temporary_url_middleware.html */
export interface TempUrlRequest {
  readonly method: string;
  /** Path of the object, unescaped; of a prefix, that of the account, the container and the prefix. */
  readonly path: string;
  /** Seconds since 1970. */
  readonly expires: number;
  /** Allows every object whose path begins so. */
  readonly isPrefix?: boolean | undefined;
  /** Address or range in CIDR form that the request must come from. */
  readonly ipRange?: string | undefined;
}

/** Signature in hexadecimal; its length tells the digest. */
export function signTempUrl(request: TempUrlRequest, key: string, digest: TempUrlDigest): string {
  const { method, path, expires, isPrefix, ipRange } = request;
  const lines = [method, String(expires), isPrefix === true ? `prefix:${path}` : path];
  if (ipRange !== undefined) lines.unshift(`ip=${ipRange}`);
  return createHmac(digest, key).update(lines.join('\n')).digest('hex');
}

/** What a form allows: https://docs.openstack.org/swift/latest/api/form_post_middleware.html */
export interface FormPostRequest {
  /** Path of the account, the container and what names shall begin with; unescaped. */
  readonly path: string;
  readonly redirect: string;
  /** Bytes. */
  readonly maxFileSize: number;
  readonly maxFileCount: number;
  /** Seconds since 1970. */
  readonly expires: number;
}

export function signFormPost(request: FormPostRequest, key: string, digest: TempUrlDigest): string {
  const { path, redirect, maxFileSize, maxFileCount, expires } = request;
  return createHmac(digest, key).update([path, redirect, maxFileSize, maxFileCount, expires].join('\n')).digest('hex');
}
