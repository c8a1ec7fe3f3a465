const MAX_CONTAINER_BYTES = 256;

/** Why Swift has no container of this name: https://docs.openstack.org/swift/latest/api/object_api_v1_overview.html */
export function refuseContainer(name: string): string | undefined {
  if (name.includes('/')) return 'a container name has no "/"';
  if (name === '.' || name === '..') return 'it would be a step in a path';
  if (name.includes('\0')) return 'Swift takes no character U+0000';
  return Buffer.byteLength(name) > MAX_CONTAINER_BYTES ? 'a container name has at most 256 bytes' : undefined;
}

export function refuseKey(key: string): string | undefined {
  return key.includes('\0') ? 'Swift takes no character U+0000' : undefined;
}

export function refuseMetadataName(name: string): string | undefined {
  return name.includes('_') ? 'Swift would turn "_" into "-"; use "-"' : undefined;
}
