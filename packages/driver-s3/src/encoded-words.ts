const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const ENCODED_WORD = /=\?utf-8\?([bq])\?([^?]*)\?=/gi;

/**
 * Writes a metadata value so that a header can carry it: RFC 2047 for what is not plain ASCII, as Amazon itself answers.
 * Text that looks like an encoded word, or begins or ends with a space, is encoded too, so that every value comes back as given.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export function encodeMetadataValue(value: string): string {
  if (value === '' || (PLAIN.test(value) && !value.includes('=?'))) return value;
  return `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}

/** Reads a value that this driver or Amazon encoded; leaves other text as it is. */
export function decodeMetadataValue(value: string): string {
  if (!value.includes('=?')) return value;
  // White space between two encoded words is not part of the text.
  const joined = value.replace(/(\?=)\s+(?==\?)/g, '$1');
  return joined.replace(ENCODED_WORD, (word, encoding: string, text: string) =>
    encoding.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString() : decodeQ(text, word),
  );
}

function decodeQ(text: string, word: string): string {
  const bytes = text.replaceAll('_', '%20').replace(/=([0-9a-f]{2})/gi, '%$1');
  try {
    return decodeURIComponent(bytes);
  } catch {
    return word;
  }
}
