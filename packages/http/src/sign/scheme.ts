/** The names by which one member of the SigV4 family differs from another. */
export interface SigningScheme {
  /** First word of the `Authorization` header and of the string to sign. */
  readonly algorithm: string;
  /** Stands before the secret when the signing key is derived. */
  readonly keyPrefix: string;
  /** Last part of the credential scope. */
  readonly terminator: string;
  /** Begins the scheme's headers, in lower case. */
  readonly headerPrefix: string;
  /** Begins the scheme's query parameters. */
  readonly queryPrefix: string;
  readonly dateHeader: string;
  readonly contentHashHeader: string;
  readonly tokenHeader: string;
}

function scheme(
  vendor: string,
  letters: string,
  headerPrefix: string,
  queryPrefix: string,
  hash = 'HMAC-SHA256',
): SigningScheme {
  return {
    algorithm: `${letters}-${hash}`,
    keyPrefix: letters,
    terminator: `${vendor}4_request`,
    headerPrefix,
    queryPrefix,
    dateHeader: `${headerPrefix}date`,
    contentHashHeader: `${headerPrefix}content-sha256`,
    tokenHeader: `${headerPrefix}security-token`,
  };
}

/** Signature Version 4: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html */
export const AWS4 = scheme('aws', 'AWS4', 'x-amz-', 'X-Amz-');
/** Google's variant with HMAC keys: https://cloud.google.com/storage/docs/access-control/signed-urls */
export const GOOG4 = scheme('goog', 'GOOG4', 'x-goog-', 'X-Goog-');
/** Google's variant signed with a service account's RSA key. */
export const GOOG4_RSA = scheme('goog', 'GOOG4', 'x-goog-', 'X-Goog-', 'RSA-SHA256');

/** The content hash of a request whose body is not signed. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
/** The content hash of an empty body. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
