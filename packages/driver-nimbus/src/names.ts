const NAME = /^[a-z0-9][a-z0-9-]*[a-z0-9]$/;

/** Why there is no collection of this name: it is a part of a host name. */
export function refuseContainer(name: string): string | undefined {
  const isGood = name.length <= 63 && NAME.test(name) && !name.includes('--');
  return isGood
    ? undefined
    : 'a name has 2 to 63 lower-case letters, digits and single "-", and begins and ends without "-"';
}

/** User metadata may have any other name. */
export const OWN_METADATA = 'stowage';

export const MAX_METADATA_CHARACTERS = 1024;

export function refuseMetadataName(name: string): string | undefined {
  if (name === OWN_METADATA || name.startsWith(`${OWN_METADATA}.`))
    return `names that begin with "${OWN_METADATA}." are the driver's own`;
  if (name === '') return 'it is empty';
  return name.length > MAX_METADATA_CHARACTERS
    ? `a name has at most ${String(MAX_METADATA_CHARACTERS)} characters`
    : undefined;
}
