/** Shown in place of a secret. */
export const REDACTED = '[redacted]';

const SECRET_HEADER =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|x-auth-(?:token|key)|x-(?:storage|service|subject)-token|x-subject-token|x-(?:amz|goog)-security-token|x-emc-signature|x-(?:account|container)-meta-temp-url-key(?:-2)?)$|encryption-(?:customer-)?key$|-secret$|password/;
/** A resumable upload's id is all that a sender needs. */
const SECRET_PARAMETER =
  /^(?:x-(?:amz|goog)-(?:signature|security-token|credential)|signature|awsaccesskeyid|googleaccessid|temp_url_sig|sig|token|access_token|upload_id|password|secret)$/i;

/** True for a header whose value must not be shown; the name is in lower case. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}

function shownValue(name: string, value: string): string {
  if (isSecretHeader(name)) return REDACTED;
  return name === 'location' ? redactPath(value) : value;
}

/** Headers, as names and values in turn, fit to be shown. */
export function redactHeaders(headers: readonly string[]): string[] {
  return headers.map((text, at) => (at % 2 === 1 ? shownValue(headers[at - 1] as string, text) : text));
}

/** A path or an address with its query, fit to be shown. */
export function redactPath(path: string): string {
  const queryAt = path.indexOf('?');
  if (queryAt === -1) return path;
  const pairs = path
    .slice(queryAt + 1)
    .split('&')
    .map((pair) => {
      const name = pair.split('=', 1)[0] as string;
      return SECRET_PARAMETER.test(name) ? `${name}=${REDACTED}` : pair;
    });
  return `${path.slice(0, queryAt)}?${pairs.join('&')}`;
}
