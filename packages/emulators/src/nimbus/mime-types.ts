/** What Python's `mimetypes` guesses from a name, as far as tests need it. */
const TYPES: Readonly<Record<string, string>> = {
  bin: 'application/octet-stream',
  css: 'text/css',
  csv: 'text/csv',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'application/javascript',
  json: 'application/json',
  mp3: 'audio/mpeg',
  pdf: 'application/pdf',
  png: 'image/png',
  tar: 'application/x-tar',
  txt: 'text/plain',
  xml: 'text/xml',
  zip: 'application/zip',
};
const ENCODINGS: Readonly<Record<string, string>> = { bz2: 'bzip2', gz: 'gzip', xz: 'xz', Z: 'compress' };

/** Headers that the server makes up out of the key; the content type that a client sent is not kept. */
export function guessedHeaders(key: string): Readonly<Record<string, string | undefined>> {
  const extensions = key
    .slice(key.lastIndexOf('/') + 1)
    .split('.')
    .slice(1);
  const last = extensions.pop() ?? '';
  const encoding = Object.hasOwn(ENCODINGS, last) ? ENCODINGS[last] : undefined;
  const extension = (encoding === undefined ? last : (extensions.pop() ?? '')).toLowerCase();
  const type = Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined;
  return { 'content-type': type ?? 'application/octet-stream', 'content-encoding': encoding };
}
