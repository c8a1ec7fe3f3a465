export interface BodyPart {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Parts of a `multipart/*` body, which share its memory; undefined when a boundary is missing. RFC 2046, section 5.1. */
export function splitMultipart(body: Buffer, contentType: string): BodyPart[] | undefined {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) return undefined;
  const mark = Buffer.from(`--${name}`);
  const parts: BodyPart[] = [];
  let at = body.indexOf(mark);
  while (at >= 0) {
    const lineEnd = body.indexOf('\n', at + mark.length);
    const isEnd = body.subarray(at + mark.length, at + mark.length + 2).toString('latin1') === '--';
    if (isEnd) return parts;
    const next = lineEnd < 0 ? -1 : body.indexOf(`\n--${name}`, lineEnd);
    if (next < 0) break;
    const end = body[next - 1] === 0x0d ? next - 1 : next;
    parts.push(readPart(body.subarray(lineEnd + 1, Math.max(lineEnd + 1, end))));
    at = next + 1;
  }
  return undefined;
}

function readPart(part: Buffer): BodyPart {
  const empty = /^\r?\n/.exec(part.toString('latin1', 0, 2));
  if (empty) return { headers: {}, body: part.subarray(empty[0].length) };
  const crlf = part.indexOf('\r\n\r\n');
  const lf = part.indexOf('\n\n');
  const isPlain = crlf < 0 || (lf >= 0 && lf < crlf);
  const end = isPlain ? lf : crlf;
  if (end < 0) return { headers: readHeaders(part.toString('utf8')), body: Buffer.alloc(0) };
  return { headers: readHeaders(part.toString('utf8', 0, end)), body: part.subarray(end + (isPlain ? 2 : 4)) };
}

function readHeaders(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':'));
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).trim().toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
}
