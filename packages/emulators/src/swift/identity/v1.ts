import { openSession } from './directory.js';
import type { Identity, IdentityAnswer, IdentityCall } from './identity.js';

const REFUSED: IdentityAnswer = {
  status: 401,
  headers: { 'content-type': 'text/html; charset=UTF-8', 'www-authenticate': 'Swift realm="unknown"' },
  body: '<html><h1>Unauthorized</h1><p>This server could not verify that you are authorized to access the document you requested.</p></html>',
};

/** `GET /auth/v1.0`: https://docs.openstack.org/swift/latest/middleware.html#tempauth */
export function loginV1(identity: Identity, { request, origin }: IdentityCall): IdentityAnswer {
  const { headers, method } = request;
  if (method !== 'GET') return { status: 405, headers: { 'content-type': 'text/html; charset=UTF-8' }, body: '' };
  const [projectName, name] = (headers['x-auth-user'] ?? headers['x-storage-user'] ?? '').split(':');
  const key = headers['x-auth-key'] ?? headers['x-storage-pass'];
  const user = identity.users.find((candidate) => candidate.name === name && candidate.password === key);
  const project = user?.projects.find((candidate) => candidate.name === projectName);
  if (!user || !project) return REFUSED;
  const known = identity.tokens.latest(({ id, session }) => {
    return id.startsWith('AUTH_tk') && session.user === user && session.project === project;
  });
  const session = openSession(identity.realm, user, project, ['v1']);
  const token = known ?? identity.tokens.issue(session, identity.nowMs() + identity.tokenLifeMs, 'AUTH_tk');
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=UTF-8',
      'x-storage-url': `${origin}/v1/${project.account}`,
      'x-auth-token': token.id,
      'x-storage-token': token.id,
      'x-auth-token-expires': String(Math.floor((token.expiresAtMs - identity.nowMs()) / 1000)),
    },
    body: '',
  };
}
