import { catalogV3 } from './catalog.js';
import {
  DEFAULT_DOMAIN,
  idOf,
  openSession,
  projectId,
  type SwiftProject,
  type SwiftUser,
  userId,
} from './directory.js';
import { type Identity, type IdentityAnswer, type IdentityCall, jsonAnswer } from './identity.js';
import type { Token } from './tokens.js';
import { authenticate, IdentityError } from './v3-methods.js';

/** Keystone's API version 3: https://docs.openstack.org/api-ref/identity/v3/ */
export async function serveV3(identity: Identity, call: IdentityCall): Promise<IdentityAnswer> {
  try {
    return await route(identity, call);
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    const { status, title, message } = error;
    return jsonAnswer(status, { error: { code: status, message, title } });
  }
}

async function route(identity: Identity, call: IdentityCall): Promise<IdentityAnswer> {
  const { request, path, origin } = call;
  const { method } = request;
  if (path === '' || path === '/') return jsonAnswer(200, { version: versionOf(`${origin}/v3/`) });
  if (path === '/auth/tokens') {
    if (method === 'POST') return login(identity, call);
    if (method === 'DELETE') return revoke(identity, call);
    return describeToken(identity, call);
  }
  if (path === '/auth/projects') {
    const { user } = callerOf(identity, call).session;
    return jsonAnswer(200, { projects: user.projects.map((project) => describeProject(project)), links: {} });
  }
  if (path === '/auth/catalog') {
    const { project } = callerOf(identity, call).session;
    if (!project) throw new IdentityError(403, 'Cannot retrieve a catalog for an unscoped token.');
    return jsonAnswer(200, { catalog: await catalogOf(identity, project, origin), links: {} });
  }
  throw new IdentityError(404, 'The resource could not be found.');
}

/** What the root and `/v3` tell of the one version. */
export function versionOf(url: string): object {
  return { id: 'v3.14', status: 'stable', updated: '2020-04-07T00:00:00Z', links: [{ rel: 'self', href: url }] };
}

async function login(identity: Identity, call: IdentityCall): Promise<IdentityAnswer> {
  const { user, project, methods, expiresAtMs } = authenticate(identity, call.body);
  const session = openSession(identity.realm, user, project, methods);
  const token = identity.tokens.issue(session, expiresAtMs ?? identity.nowMs() + identity.tokenLifeMs, 'gAAAAA');
  const isBrief = call.request.query.has('nocatalog');
  const body = await describe(identity, token, isBrief ? undefined : call.origin);
  return jsonAnswer(201, body, { 'x-subject-token': token.id, vary: 'X-Auth-Token' });
}

function callerOf(identity: Identity, { request }: IdentityCall): Token {
  const token = identity.tokens.find(request.headers['x-auth-token']);
  if (!token) throw new IdentityError(401, 'The request you have made requires authentication.');
  return token;
}

async function describeToken(identity: Identity, call: IdentityCall): Promise<IdentityAnswer> {
  callerOf(identity, call);
  const token = identity.tokens.find(call.request.headers['x-subject-token']);
  if (!token) throw new IdentityError(404, 'Could not find token.');
  const body = await describe(identity, token, call.request.query.has('nocatalog') ? undefined : call.origin);
  return jsonAnswer(200, body, { 'x-subject-token': token.id });
}

function revoke(identity: Identity, call: IdentityCall): IdentityAnswer {
  callerOf(identity, call);
  const id = call.request.headers['x-subject-token'] ?? '';
  if (!identity.tokens.find(id)) throw new IdentityError(404, 'Could not find token.');
  identity.tokens.revoke(id);
  return { status: 204 };
}

/** The body of a token, with a catalog only when it has a scope and `origin` is given. */
async function describe(identity: Identity, token: Token, origin: string | undefined): Promise<object> {
  const { user, project, methods } = token.session;
  const scope = project && {
    project: describeProject(project),
    is_domain: false,
    roles: project.roles.map((name) => ({ id: idOf('role', name), name })),
    ...(origin !== undefined && { catalog: await catalogOf(identity, project, origin) }),
  };
  const described = {
    methods,
    user: describeUser(user),
    audit_ids: [token.id.slice(-22)],
    expires_at: microseconds(token.expiresAtMs),
    issued_at: microseconds(token.issuedAtMs),
    ...scope,
  };
  return { token: described };
}

async function catalogOf(identity: Identity, project: SwiftProject, origin: string): Promise<readonly object[]> {
  return catalogV3(await identity.catalogs.endpoints(identity.realm, project), `${origin}/v3`);
}

function microseconds(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '000Z');
}

function describeDomain(name = DEFAULT_DOMAIN): object {
  return { id: idOf('domain', name), name };
}

function describeProject(project: SwiftProject): object {
  return { id: projectId(project), name: project.name, domain: describeDomain(project.domain) };
}

function describeUser(user: SwiftUser): object {
  return { id: userId(user), name: user.name, domain: describeDomain(user.domain), password_expires_at: null };
}
