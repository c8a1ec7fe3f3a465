import { compareBytes } from './byte-order.js';
import type { ContainerPage, ContainerRecord } from './records.js';
import type { ListContainersRequest } from './requests.js';

/**
 * Cuts a page out of all containers, for stores that give them at once: those that begin with the prefix, by the bytes of their
 * names. The token is the name after which the next page begins.
 */
export function pageOfContainers(
  all: readonly ContainerRecord[],
  { prefix = '', token, limit = Infinity }: ListContainersRequest,
): ContainerPage {
  const wanted = all.filter(({ name }) => name.startsWith(prefix));
  wanted.sort((a, b) => compareBytes(a.name, b.name));
  const rest = token === undefined ? wanted : wanted.filter(({ name }) => compareBytes(name, token) > 0);
  if (rest.length <= limit) return { containers: rest };
  const containers = rest.slice(0, limit);
  return { containers, next: containers.at(-1)?.name };
}
