import { DEFAULT_DOMAIN, idOf, projectId, type SwiftProject, type SwiftUser, userId } from './directory.js';
import { type Fields, fieldsOf, has, type Identity, textOf } from './identity.js';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
};

export class IdentityError extends Error {
  readonly title: string;

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.title = TITLES[status] ?? 'Error';
  }
}

/** Keystone does not tell an unknown user from a wrong password, domain or project. */
function refused(): IdentityError {
  return new IdentityError(401, 'The request you have made requires authentication.');
}

function malformed(what: string): IdentityError {
  return new IdentityError(400, `Expecting to find ${what}. The server could not comply with the request.`);
}

export interface Authenticated {
  readonly user: SwiftUser;
  readonly project: SwiftProject | undefined;
  readonly methods: readonly string[];
  /** When the new token may not live longer than what it was made from. */
  readonly expiresAtMs?: number;
}

/** Checks `auth` of a request for a token: https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management */
export function authenticate(identity: Identity, body: unknown): Authenticated {
  const auth = fieldsOf(body, 'auth');
  const inner = fieldsOf(auth, 'identity');
  const methods = inner['methods'];
  if (!Array.isArray(methods) || methods.length === 0) throw malformed('auth.identity.methods');
  const method: unknown = methods[0];
  if (typeof method !== 'string' || !has(inner, method)) throw malformed(`auth.identity.${String(method)}`);
  const given = fieldsOf(inner, method);
  if (method === 'application_credential') return byApplicationCredential(identity, given, has(auth, 'scope'));
  if (method === 'password') return scoped(byPassword(identity, fieldsOf(given, 'user')), auth, ['password']);
  if (method === 'token') return byToken(identity, given, auth);
  throw refused();
}

function byPassword({ users }: Identity, given: Fields): SwiftUser {
  if (!has(given, 'id') && !has(given, 'name')) throw malformed('user id or name');
  if (!has(given, 'id') && !has(given, 'domain')) throw malformed('domain of the user');
  const user = users.find((candidate) => isUser(candidate, given) && candidate.password === given['password']);
  if (!user) throw refused();
  return user;
}

function isUser(user: SwiftUser, given: Fields): boolean {
  if (has(given, 'id')) return userId(user) === given['id'];
  return user.name === given['name'] && isDomain(user.domain, fieldsOf(given, 'domain'));
}

function isDomain(name: string | undefined, given: Fields): boolean {
  const domain = name ?? DEFAULT_DOMAIN;
  return has(given, 'id') ? idOf('domain', domain) === given['id'] : domain === given['name'];
}

/** The token's own scope stays unless another is asked for; its end stays in any case. */
function byToken({ tokens }: Identity, given: Fields, auth: Fields): Authenticated {
  const former = tokens.find(textOf(given, 'id'));
  if (!former) throw refused();
  const { user, project, methods } = former.session;
  const { expiresAtMs } = former;
  const names = [...new Set(['token', ...methods])];
  return has(auth, 'scope')
    ? { ...scoped(user, auth, names), expiresAtMs }
    : { user, project, methods: names, expiresAtMs };
}

function byApplicationCredential({ users }: Identity, given: Fields, hasScope: boolean): Authenticated {
  const owner = fieldsOf(given, 'user');
  if (!has(given, 'id') && !has(given, 'user')) throw malformed('user of the application credential');
  const pairs = users.flatMap((user) =>
    (user.applicationCredentials ?? []).map((credential) => ({ user, credential })),
  );
  const found = pairs.find(({ user, credential }) => {
    const isMeant = has(given, 'id')
      ? credential.id === given['id']
      : credential.name === given['name'] && isUser(user, owner);
    return isMeant && credential.secret === given['secret'];
  });
  if (!found) throw refused();
  if (hasScope) throw new IdentityError(401, 'Application credentials cannot request a scope.');
  const project = found.user.projects.find(({ name }) => name === found.credential.project);
  return { user: found.user, project, methods: ['application_credential'] };
}

/** A login with what scope it asks for: a project, `unscoped`, or nothing at all. */
function scoped(user: SwiftUser, auth: Fields, methods: readonly string[]): Authenticated {
  const scope = fieldsOf(auth, 'scope');
  const isUnscoped =
    !has(auth, 'scope') || auth['scope'] === 'unscoped' || has(scope, 'domain') || has(scope, 'system');
  if (isUnscoped) return { user, project: undefined, methods };
  const wanted = fieldsOf(scope, 'project');
  if (has(wanted, 'name') && !has(wanted, 'domain')) throw malformed('domain of the project');
  const project = user.projects.find((candidate) => {
    if (has(wanted, 'id')) return projectId(candidate) === wanted['id'];
    return candidate.name === wanted['name'] && isDomain(candidate.domain, fieldsOf(wanted, 'domain'));
  });
  if (!project) throw refused();
  return { user, project, methods };
}
