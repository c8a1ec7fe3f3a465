import type { EmulatedRequest } from '../../http-request.js';
import { ANONYMOUS } from '../identities.js';
import { verifyV2Header, verifyV2Query } from './signature-v2.js';
import { type SignatureContext, type Signed, verifyV4Header, verifyV4Query } from './signature-v4.js';

/** Who makes a request of the XML API, by whatever credential it carries; nobody when it has none. */
export function authenticate(
  request: EmulatedRequest,
  bucketOfHost: string | undefined,
  context: SignatureContext,
): Signed {
  const { query } = request;
  const authorization = request.headers['authorization'];
  if (authorization !== undefined) {
    if (/^Bearer /i.test(authorization)) return { principal: context.identities.bearer(authorization) };
    const isV2 = /^(GOOG1|AWS) /.test(authorization);
    return isV2
      ? verifyV2Header(request, authorization, bucketOfHost, context)
      : verifyV4Header(request, authorization, context);
  }
  if (query.has('X-Goog-Signature') || query.has('X-Amz-Signature')) return verifyV4Query(request, context);
  if (query.has('Signature')) return verifyV2Query(request, bucketOfHost, context);
  return { principal: ANONYMOUS };
}
