import type { RawAnswer, RawRequest } from './raw-client.js';

/** Headers that tell nothing of a service's behaviour: connections, clocks, ids. */
const NOISE = new Set([
  'date',
  'connection',
  'keep-alive',
  'x-trans-id',
  'x-openstack-request-id',
  'transfer-encoding',
  'server',
]);

/** Values that differ from run to run, whose form alone is compared. */
const TIMES: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?/g, '<iso time>'],
  [/\b2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d\b/g, '<time>'],
  [/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 2\d{3} \d\d:\d\d:\d\d GMT/g, '<http time>'],
  [/\b\d{10}\.\d{5}\b/g, '<timestamp>'],
  [/\b[0-9a-f]{32}(?=\r\n|--|$)/g, '<hash or boundary>'],
  [/\btx[0-9a-f]{20,}-[0-9a-f]{10}\b/g, '<id>'],
];

function normal(text: string): string {
  return TIMES.reduce((shown, [pattern, name]) => shown.replaceAll(pattern, name), text);
}

export interface Seen {
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly isCut: boolean;
}

/** An answer as two servers' are compared. */
export function seen({ method, path, headers: sent }: RawRequest, answer: RawAnswer): Seen {
  const isNoise = (name: string): boolean =>
    // What the hidden container of versions holds is counted late.
    NOISE.has(name) || (name === 'x-container-bytes-used' && path.includes('?versions'));
  const shown = Object.entries(answer.headers).filter(([name]) => !isNoise(name));
  const isErrorPage = answer.status >= 400 && answer.headers['content-type']?.startsWith('text/html') === true;
  const text = answer.body.toString();
  const isJson = answer.headers['content-type']?.startsWith('application/json') === true;
  return {
    request: `${method} ${path} ${JSON.stringify(sent ?? {})}`.slice(0, 200),
    status: answer.status,
    headers: Object.fromEntries(
      shown.map(([name, value]): [string, string] => {
        if (name === 'allow') return [name, value.split(', ').sort().join(', ')];
        if (name === 'content-type') return [name, normal(value).replace(/boundary=.*/, 'boundary=<boundary>')];
        if (name === 'content-length' && isVolatile(answer)) return [name, '<length>'];
        if (name.endsWith('manifest-etag') || (name === 'etag' && isManifest(path))) return [name, '<etag of times>'];
        return [name, normal(value)];
      }),
    ),
    body: isTraceback(text) ? '<traceback>' : isErrorPage ? text : isJson ? parsed(normal(text)) : normal(text),
    isCut: answer.isCut,
  };
}

/** What Swift sends when it finds too late that a segment is missing. */
function isTraceback(text: string): boolean {
  return text.startsWith('Traceback ');
}

/** Whether a body's length depends on times or on details of a listing's whitespace. */
function isVolatile({ headers, body }: RawAnswer): boolean {
  return (
    headers['content-type']?.startsWith('multipart/') === true ||
    /<http time>|^Traceback /.test(normal(body.toString()))
  );
}

/** A manifest's own MD5 covers the times of its segments. */
function isManifest(path: string): boolean {
  return path.includes('multipart-manifest=get');
}

function parsed(text: string): unknown {
  try {
    return withoutTimedHashes(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Without the hashes of manifests, which cover times, and with the fields of rows in one order. */
function withoutTimedHashes(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((row: unknown) => {
    if (typeof row !== 'object' || row === null) return row;
    const isLarge = 'slo_etag' in row || 'sub_slo' in row;
    const shown = isLarge && 'hash' in row && 'slo_etag' in row ? { ...row, hash: '<etag of times>' } : row;
    return Object.fromEntries(Object.entries(shown).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}

/** One line for everything in which two servers' answers differ. */
export function differences(real: readonly Seen[], emulated: readonly Seen[]): readonly string[] {
  return real.flatMap((expected, index) => {
    const found = emulated[index];
    const names = new Set([...Object.keys(expected.headers), ...Object.keys(found?.headers ?? {})]);
    const facts: readonly (readonly [string, unknown, unknown])[] = [
      ['status', expected.status, found?.status],
      ...[...names].map((name) => [name, expected.headers[name], found?.headers[name]] as const),
      ['body', expected.body, found?.body],
      ['cut', expected.isCut, found?.isCut],
    ];
    return (
      facts
        // A body in chunks has no length; the emulator always tells one.
        .filter(([name, left]) => !(name === 'content-length' && left === undefined))
        .map(([name, left, right]) => [name, JSON.stringify(left), JSON.stringify(right)] as const)
        .filter(([, left, right]) => left !== right)
        .map(([name, left, right]) => `${expected.request} | ${name} | real: ${left} | emulated: ${right}`)
    );
  });
}
