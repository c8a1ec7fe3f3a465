import { authorize } from './authorize.js';
import { type Answer, type Call, emptyAnswer } from './call.js';
import { SwiftError } from './errors.js';
import { listingAnswer, type Row } from './formats.js';
import { listingQuery, listNames } from './listing.js';
import { checkMetadata, mergeMetadata, shownHeaders } from './metadata.js';
import { hiddenName } from './versioned-names.js';
import { type Account, compareBytes, type Container, isoForm, normalForm } from './store.js';

export function serveAccount(call: Call): Answer {
  authorize(call);
  const account = call.site.store.account(call.account, call.site.nowMs());
  switch (call.method) {
    case 'GET':
    case 'HEAD':
      return listContainers(account, call);
    case 'POST':
      checkMetadata(call.headers, 'account');
      mergeMetadata(account.headers, call, (name) => name.startsWith('x-account-meta-'));
      return emptyAnswer(204);
    case 'PUT':
    case 'DELETE':
      throw new SwiftError(403);
    default:
      throw new SwiftError(405, undefined, { allow: 'DELETE, GET, HEAD, OPTIONS, POST, PUT' });
  }
}

function listContainers(account: Account, call: Call): Answer {
  const containers = [...account.containers.values()].filter(({ name }) => !name.startsWith('\0'));
  const headers = accountHeaders(account, call);
  if (call.method === 'HEAD') return listingAnswer(call, { rows: [], headers });
  const names = containers.map(({ name }) => name).sort(compareBytes);
  const rows = listNames(names, listingQuery(call)).map((entry): Row => {
    if ('subdir' in entry) return entry;
    const hidden = account.containers.get(hiddenName(entry.name));
    return containerRow(account.containers.get(entry.name) as Container, hidden);
  });
  return listingAnswer(call, { rows, headers });
}

function containerRow({ name, objectCount, bytesUsed, createdAt }: Container, hidden: Container | undefined): Row {
  const bytes = bytesUsed + (hidden?.bytesUsed ?? 0);
  return { name, count: objectCount, bytes, last_modified: isoForm(createdAt) };
}

function accountHeaders(account: Account, call: Call): Record<string, string> {
  const containers = [...account.containers.values()];
  const totals = usageHeaders('x-account', containers);
  const perPolicy = call.site.policies.flatMap((policy) => {
    if (!account.policies.has(policy)) return [];
    const own = containers.filter((container) => container.policy === policy);
    return Object.entries(usageHeaders(`x-account-storage-policy-${policy.toLowerCase()}`, own));
  });
  return {
    ...totals,
    ...Object.fromEntries(perPolicy),
    ...shownHeaders(account.headers, call),
    'x-timestamp': normalForm(account.createdAt),
    'accept-ranges': 'bytes',
  };
}

function usageHeaders(prefix: string, containers: readonly Container[]): Record<string, string> {
  const sum = (of: (container: Container) => number): string =>
    String(containers.reduce((total, container) => total + of(container), 0));
  return {
    [`${prefix}-container-count`]: String(containers.length),
    [`${prefix}-object-count`]: sum((container) => container.objectCount),
    [`${prefix}-bytes-used`]: sum((container) => container.bytesUsed),
  };
}
