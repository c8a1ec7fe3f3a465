import { createSign } from 'node:crypto';
import type { EmulatedResponse } from '../http-answer.js';
import { type EmulatedRequest, parseQuery, readBody } from '../http-request.js';
import { sameText } from '../s3/signature.js';
import { type Identities, unauthenticated } from './identities.js';
import { readJwt, verifyJwt } from './jwt.js';
import { PROJECT_NUMBER } from './resource.js';

export interface OAuthContext {
  readonly identities: Identities;
  readonly project: string;
  readonly tokenSeconds: number;
  /** Where tokens are asked for; what an assertion may name as its audience. */
  readonly origin: string;
  nowMs(): number;
}

type Form = ReadonlyMap<string, string>;

/** Names of the calls that are not of the storage service; undefined for those that are. */
export function oauthOperation(method: string, path: string): string | undefined {
  if (method === 'POST' && /^\/(token|oauth2\/v[34]\/token)$/.test(path)) return 'oauth2.token';
  if (method === 'POST' && path === '/v1/token') return 'sts.token';
  if (/^\/(o\/oauth2\/)?revoke$/.test(path)) return 'oauth2.revoke';
  if (path === '/tokeninfo') return 'oauth2.tokeninfo';
  if (method === 'POST' && /^\/v1\/projects\/-\/serviceAccounts\//.test(path)) {
    const verb = path.slice(path.lastIndexOf(':') + 1);
    return ['signBlob', 'generateAccessToken'].includes(verb) ? `iamcredentials.${verb}` : undefined;
  }
  return path.startsWith('/computeMetadata/') ? 'metadata' : undefined;
}

export async function serveOAuth(
  context: OAuthContext,
  operation: string,
  request: EmulatedRequest,
): Promise<EmulatedResponse> {
  switch (operation) {
    case 'oauth2.token':
      return giveToken(context, await readForm(request));
    case 'sts.token':
      return exchangeToken(context, await readForm(request));
    case 'oauth2.revoke':
      return revoke(context, request, await readForm(request));
    case 'oauth2.tokeninfo':
      return tokenInfo(
        context,
        request.query.get('access_token') ?? (await readForm(request)).get('access_token') ?? '',
      );
    case 'metadata':
      return serveMetadata(context, request);
    default:
      return serveIamCredentials(context, operation, request);
  }
}

async function readForm(request: EmulatedRequest): Promise<Form> {
  return parseQuery((await readBody(request)).toString('utf8'));
}

function json(status: number, document: object): EmulatedResponse {
  return { status, headers: { 'content-type': 'application/json; charset=UTF-8' }, body: JSON.stringify(document) };
}

/** RFC 6749, section 5.2. */
function refuse(error: string, description: string, status = 400): EmulatedResponse {
  return json(status, { error, error_description: description });
}

function tokenFor(
  { identities, tokenSeconds }: OAuthContext,
  email: string,
  scope: string | undefined,
): EmulatedResponse {
  const scopes = scope === undefined || scope === '' ? undefined : scope.split(' ');
  const access_token = identities.issue(email, tokenSeconds, scopes);
  return json(200, { access_token, expires_in: tokenSeconds, token_type: 'Bearer', ...(scopes && { scope }) });
}

/** https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
function giveToken(context: OAuthContext, form: Form): EmulatedResponse {
  if (form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer')
    return tokenForAssertion(context, form.get('assertion') ?? '');
  if (form.get('grant_type') !== 'refresh_token')
    return refuse('unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type') ?? ''}`);
  const same = (name: string, value: string): boolean => sameText(form.get(name) ?? '', value);
  const user = context.identities.users.find((candidate) => same('refresh_token', candidate.refreshToken));
  if (!user) return refuse('invalid_grant', 'Bad Request');
  if (!same('client_id', user.clientId) || !same('client_secret', user.clientSecret))
    return refuse('invalid_client', 'Unauthorized', 401);
  return tokenFor(context, user.email, form.get('scope') ?? 'https://www.googleapis.com/auth/cloud-platform');
}

const AUDIENCES = ['https://oauth2.googleapis.com/token', 'https://www.googleapis.com/oauth2/v4/token'];

function tokenForAssertion(context: OAuthContext, assertion: string): EmulatedResponse {
  const claims = readJwt(assertion);
  if (!claims) return refuse('invalid_request', 'Bad Request');
  const key = context.identities.publicKeyOf(claims.iss);
  if (!key) return refuse('invalid_grant', 'Invalid grant: account not found');
  if (!verifyJwt(assertion, key)) return refuse('invalid_grant', 'Invalid JWT Signature.');
  const now = context.nowMs() / 1000;
  if (!(
    claims.iat <= now + 300 &&
    claims.exp > now - 300 &&
    claims.exp - claims.iat <= 3600 &&
    claims.exp > claims.iat
  )) {
    return refuse(
      'invalid_grant',
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
    );
  }
  const audience = claims.aud ?? '';
  if (!AUDIENCES.includes(audience) && !audience.startsWith(`${context.origin}/`))
    return refuse('invalid_grant', 'Invalid JWT: Failed audience check.');
  if (claims.scope === undefined) return refuse('invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
  return tokenFor(context, claims.iss, claims.scope);
}

/** Workload identity: a subject token that this server knows is any of its own, or one that an account signed. */
function exchangeToken(context: OAuthContext, form: Form): EmulatedResponse {
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:token-exchange')
    return refuse('unsupported_grant_type', 'Invalid grant_type');
  const subject = form.get('subject_token') ?? '';
  const claims = readJwt(subject);
  const key = claims && context.identities.publicKeyOf(claims.iss);
  const isGood =
    key !== undefined && verifyJwt(subject, key) && claims !== undefined && claims.exp * 1000 > context.nowMs();
  if (!isGood) return refuse('invalid_grant', 'The given credential is rejected by the attribute condition.');
  return tokenFor(context, claims.iss, form.get('scope'));
}

function revoke({ identities }: OAuthContext, request: EmulatedRequest, form: Form): EmulatedResponse {
  const token = form.get('token') ?? request.query.get('token') ?? '';
  return identities.revoke(token) ? json(200, {}) : refuse('invalid_token', 'Token expired or revoked');
}

function tokenInfo(context: OAuthContext, token: string): EmulatedResponse {
  const found = context.identities.find(token);
  if (!found) return refuse('invalid_token', 'Invalid Value');
  const expires_in = Math.floor((found.expiresAtMs - context.nowMs()) / 1000);
  return json(200, { email: found.email, expires_in: String(expires_in), scope: found.scopes?.join(' ') ?? '' });
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob */
async function serveIamCredentials(
  context: OAuthContext,
  operation: string,
  request: EmulatedRequest,
): Promise<EmulatedResponse> {
  const authorization = request.headers['authorization'];
  if (authorization === undefined) throw unauthenticated();
  context.identities.bearer(authorization);
  const path = decodeURIComponent(request.rawPath);
  const email = path.slice('/v1/projects/-/serviceAccounts/'.length, path.lastIndexOf(':'));
  if (!context.identities.accounts.has(email)) {
    const message = 'Not found; Gaia id not found for email ' + email;
    return json(404, { error: { code: 404, message, status: 'NOT_FOUND' } });
  }
  const body = JSON.parse((await readBody(request)).toString('utf8')) as Record<string, unknown>;
  if (operation === 'iamcredentials.signBlob') {
    const signed = createSign('RSA-SHA256').update(Buffer.from(String(body['payload']), 'base64'));
    const signedBlob = signed.sign(context.identities.privateKeyOf(email), 'base64');
    return json(200, { keyId: 'emulated', signedBlob });
  }
  const seconds = Number(((body['lifetime'] as string | undefined) ?? '3600s').replace(/s$/, ''));
  const accessToken = context.identities.issue(email, seconds, body['scope'] as string[] | undefined);
  return json(200, { accessToken, expireTime: new Date(context.nowMs() + seconds * 1000).toISOString() });
}

/** https://cloud.google.com/compute/docs/metadata/overview */
function serveMetadata(context: OAuthContext, request: EmulatedRequest): EmulatedResponse {
  if (request.headers['metadata-flavor'] !== 'Google')
    return { status: 403, headers: { 'metadata-flavor': 'Google' }, body: 'Missing Metadata-Flavor:Google header.' };
  const path = request.rawPath.replace(/^\/computeMetadata\/v1\//, '').replace(/\/$/, '');
  const email = context.identities.defaultEmail;
  const account = /^instance\/service-accounts\/([^/]+)\/?(.*)$/.exec(path);
  const headers = { 'metadata-flavor': 'Google', 'content-type': 'application/text' };
  const text = (body: string): EmulatedResponse => ({ status: 200, headers, body });
  if (path === 'project/project-id') return text(context.project);
  if (path === 'project/numeric-project-id') return text(PROJECT_NUMBER);
  if (path === 'universe/universe-domain') return text('googleapis.com');
  if (path === 'instance' || path === '') return text('service-accounts/\n');
  if (!account || !['default', email].includes(decodeURIComponent(account[1] ?? '')))
    return { status: 404, headers, body: 'Not Found' };
  if (account[2] === 'email') return text(email);
  if (account[2] !== 'token') return text(JSON.stringify({ email, aliases: ['default'], scopes: [] }));
  const scope = request.query.get('scopes')?.replaceAll(',', ' ');
  const answer = tokenFor(context, email, scope);
  return { ...answer, headers: { ...answer.headers, 'metadata-flavor': 'Google' } };
}
