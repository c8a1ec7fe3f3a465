const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const ENCODED_WORD = /=\?utf-8\?([bq])\?([^?]*)\?=/gi;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Writes a metadata value so that a header can carry it: RFC 2047 for what is not plain ASCII, as Amazon itself answers.
 * Text that looks like an encoded word, or begins or ends with a space, is encoded too, so that every value comes back as given.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export function encodeMetadataValue(value: string): string {
  if (value === '' || (PLAIN.test(value) && !value.includes('=?'))) return value;
  return `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}

/** Reads a value that this driver or Amazon encoded; leaves other text as it is, and words that do not decode. */
export function decodeMetadataValue(value: string): string {
  if (!value.includes('=?')) return value;
  // White space between two encoded words is not part of the text.
  const joined = value.replace(/(\?=)\s+(?==\?)/g, '$1');
  return joined.replace(ENCODED_WORD, (word, encoding: string, text: string) => {
    const bytes = encoding.toLowerCase() === 'b' ? bytesOfBase64(text) : bytesOfQ(text);
    return (bytes && textOf(bytes)) ?? word;
  });
}

function bytesOfBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '') ? bytes : undefined;
}

function bytesOfQ(text: string): Buffer | undefined {
  if (!/^(?:[\x21-\x3c\x3e-\x7e]|=[0-9a-f]{2})*$/i.test(text)) return undefined;
  const latin1 = text
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  return Buffer.from(latin1, 'latin1');
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
