import { compareBytes, type ContainerPage, type ContainerRecord, type ListContainersRequest } from '@stowage/core/spi';

/** Cuts a page out of all containers, of a service that gives them at once; its token is the name after which the next begins. */
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
