/**
 * Listings of Swift's containers `list-<count>` in JSON.
 * https://docs.openstack.org/api-ref/object-store/#show-container-details-and-list-objects
 */
/** @typedef {import('./request.mjs').Request} Request */

/** As many as Swift gives at once. */
const MAX_ROWS = 10_000;
const ROWS_OF_A_FOLDER = 1000;

/** @param {number} index */
function nameOf(index) {
  const folder = String(Math.floor(index / ROWS_OF_A_FOLDER)).padStart(6, '0');
  return `photos/2024/${folder}/image-${String(index % ROWS_OF_A_FOLDER).padStart(3, '0')}.jpg`;
}

/** The row of the name that the listing goes on after. @param {string} marker */
function indexOf(marker) {
  const [, folder, row] = /^photos\/2024\/(\d{6})\/image-(\d{3})\.jpg$/.exec(marker) ?? [];
  return folder === undefined ? undefined : Number(folder) * ROWS_OF_A_FOLDER + Number(row);
}

/** @param {number} index */
function rowOf(index) {
  const row = index % ROWS_OF_A_FOLDER;
  const hash = (row * 2_654_435_761).toString(16).padStart(32, '0');
  const time = `2024-05-${String((row % 28) + 1).padStart(2, '0')}T10:20:30.123450`;
  return `{"bytes": ${1024 + row * 37}, "hash": "${hash}", "name": "${nameOf(index)}", "content_type": "image/jpeg", "last_modified": "${time}"}`;
}

/** @param {Request} request @param {string} container @returns {string | undefined} undefined for what no client was expected to ask */
export function listDocument({ parameters }, container) {
  const total = Number(/^list-(\d+)$/.exec(container)?.[1] ?? 0);
  const marker = parameters.get('marker');
  const before = marker === null ? -1 : indexOf(marker);
  const folds = ['prefix', 'delimiter', 'end_marker', 'reverse'].some((name) => parameters.has(name));
  if (before === undefined || folds || parameters.get('format') !== 'json') return undefined;
  const first = before + 1;
  const count = Math.min(total - first, Number(parameters.get('limit') ?? MAX_ROWS), MAX_ROWS);
  const rows = Array.from({ length: count }, (_, offset) => rowOf(first + offset));
  return `[${rows.join(', ')}]`;
}
