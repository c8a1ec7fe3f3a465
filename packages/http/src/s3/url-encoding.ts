import { isStorageError, StorageError } from '@stowage/core/spi';

/** Decodes a name that a listing with `encoding-type=url` escaped; a plus is a space there. */
export function decodeListed(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new StorageError(
      'unknown',
      `The listing holds the name ${JSON.stringify(text)}, which is not escaped as it should be.`,
      { cause },
    );
  }
}

/** As `decodeListed`, for markers: some services escape the keys and not these. What does not decode is taken as it stands. */
export function decodeMarker(text: string): string {
  try {
    return decodeListed(text);
  } catch (error) {
    if (isStorageError(error)) return text;
    throw error;
  }
}
