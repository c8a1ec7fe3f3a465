import { catalogOfRackspace, catalogV2 } from './catalog.js';
import { openSession, projectId, type SwiftProject, type SwiftUser, userId } from './directory.js';
import {
  type Fields,
  fieldsOf,
  has,
  type Identity,
  type IdentityAnswer,
  type IdentityCall,
  jsonAnswer,
  textOf,
} from './identity.js';
import type { Token } from './tokens.js';

/** `POST /v2.0/tokens`, and DELETE of one. */
export async function serveV2(identity: Identity, call: IdentityCall): Promise<IdentityAnswer> {
  const { request, path, body } = call;
  const revoked = /^\/tokens\/([^/]+)$/.exec(path)?.[1];
  if (request.method === 'DELETE' && revoked !== undefined) return revoke(identity, call, revoked);
  if (path !== '/tokens') return problem(404, 'itemNotFound', 'The resource could not be found.');
  if (request.method !== 'POST') return problem(405, 'badMethod', 'Method not allowed.');
  const auth = fieldsOf(body, 'auth');
  if (!has(body, 'auth')) return problem(400, 'badRequest', 'Expecting to find auth in request body.');
  const user = userOf(identity, auth);
  const project = user && projectOf(user, auth, identity.realm);
  if (!user || project === 'unknown')
    return problem(401, 'unauthorized', 'Unable to authenticate user with credentials provided.');
  const former = identity.tokens.find(textOf(fieldsOf(auth, 'token'), 'id'));
  const expiresAtMs = former?.expiresAtMs ?? identity.nowMs() + identity.tokenLifeMs;
  const session = openSession(identity.realm, user, project, ['password']);
  return jsonAnswer(200, await describe(identity, identity.tokens.issue(session, expiresAtMs)));
}

function problem(status: number, kind: string, message: string): IdentityAnswer {
  return jsonAnswer(status, { [kind]: { code: status, message } });
}

function revoke(identity: Identity, { request }: IdentityCall, id: string): IdentityAnswer {
  if (!identity.tokens.find(request.headers['x-auth-token'])) return problem(401, 'unauthorized', 'No valid token.');
  identity.tokens.revoke(id);
  return { status: 204 };
}

function userOf({ users, tokens }: Identity, auth: Fields): SwiftUser | undefined {
  const password = fieldsOf(auth, 'passwordCredentials');
  const apiKey = fieldsOf(auth, 'RAX-KSKEY:apiKeyCredentials');
  if (has(auth, 'RAX-KSKEY:apiKeyCredentials')) {
    return users.find((user) => {
      return user.name === apiKey['username'] && user.apiKey !== undefined && user.apiKey === apiKey['apiKey'];
    });
  }
  if (has(auth, 'token')) return tokens.find(textOf(fieldsOf(auth, 'token'), 'id'))?.session.user;
  return users.find((user) => {
    const isMeant = user.name === password['username'] || userId(user) === password['userId'];
    return isMeant && user.password === password['password'];
  });
}

/** Rackspace users have one project and need not name it; with Keystone that leaves the token without a scope. */
function projectOf(user: SwiftUser, auth: Fields, realm: Identity['realm']): SwiftProject | 'unknown' | undefined {
  const [name, id] = [textOf(auth, 'tenantName'), textOf(auth, 'tenantId')];
  if ((name ?? '') === '' && (id ?? '') === '') return realm === 'openstack' ? undefined : user.projects[0];
  const found = user.projects.find((project) => {
    return project.name === name || projectId(project) === id || (realm !== 'openstack' && project.account === id);
  });
  return found ?? 'unknown';
}

async function describe(identity: Identity, { id, session, issuedAtMs, expiresAtMs }: Token): Promise<object> {
  const { user, project } = session;
  const isRackspace = identity.realm !== 'openstack';
  const regions = project ? await identity.catalogs.endpoints(identity.realm, project) : [];
  const tenantId = project && (isRackspace ? project.account : projectId(project));
  const tenant = project && { tenant: { id: tenantId, name: isRackspace ? project.account : project.name } };
  const expires = isRackspace ? withOffset(expiresAtMs) : new Date(expiresAtMs).toISOString().replace(/\.\d+/, '');
  const defaultRegion = isRackspace ? { 'RAX-AUTH:defaultRegion': identity.realm === 'uk' ? 'LON' : 'ORD' } : {};
  const roles = (project?.roles ?? []).map((name) => ({ name }));
  const catalog = isRackspace ? catalogOfRackspace(regions, tenantId ?? '') : catalogV2(regions, tenantId ?? '');
  return {
    access: {
      token: { id, expires, issued_at: new Date(issuedAtMs).toISOString(), ...tenant },
      user: { id: userId(user), name: user.name, username: user.name, roles, ...defaultRegion },
      serviceCatalog: project ? catalog : [],
    },
  };
}

/** Such as `2013-05-02T21:31:40.000-05:00`: Rackspace tells times of Texas. */
function withOffset(timeMs: number): string {
  return new Date(timeMs - 5 * 3_600_000).toISOString().replace('Z', '-05:00');
}
