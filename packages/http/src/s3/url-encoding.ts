import { StorageError } from '@stowage/core/spi';

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
