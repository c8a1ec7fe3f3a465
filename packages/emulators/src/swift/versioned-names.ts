export const HIDDEN = 'x-container-sysmeta-versions-container';
export const ENABLED = 'x-container-sysmeta-versions-enabled';

/** No client can name what begins so. */
export const MARK = '\0';

export function hiddenName(container: string): string {
  return `${MARK}versions${MARK}${container}`;
}

const LAST_TICK = 10 ** 15;

/** Where a version lies: later ones before earlier ones of the same name. */
export function versionKey(object: string, versionId: string): string {
  const inverted = LAST_TICK - Math.round(Number(versionId) * 100_000);
  return `${MARK}${object}${MARK}${String(inverted).padStart(15, '0')}`;
}

/** The version that an encoded path of a hidden container names. */
export function versionOf(path: string): string | undefined {
  const inverted = new RegExp(`${MARK}(\\d{15})$`).exec(decodeURIComponent(path))?.[1];
  return inverted === undefined ? undefined : ((LAST_TICK - Number(inverted)) / 100_000).toFixed(5);
}
