import type { Call } from './call.js';
import { bestMatch, escapeXml, toJson } from './formats.js';

const FORMATS = ['text/plain', 'application/json', 'application/xml', 'text/xml'];

/** The media type in which a bulk call or a manifest's check reports. Throws 406 for none of its own. */
export function reportType({ headers }: Call): string {
  return bestMatch(headers['accept'], FORMATS);
}

/** What became of a call on many things; `errors` are pairs of a quoted name and a status. */
export function reportAnswer(
  type: string,
  facts: Readonly<Record<string, string | number>>,
  errors: readonly (readonly [name: string, message: string])[],
  root = 'upload',
): string {
  if (type === 'application/json') return toJson({ ...facts, Errors: errors });
  const sorted = Object.entries(facts).sort(([left], [right]) => (left < right ? -1 : 1));
  if (type.endsWith('/xml')) {
    const fields = sorted.map(([name, value]) => {
      const tag = name.replaceAll(' ', '_').toLowerCase();
      return `<${tag}>${escapeXml(String(value))}</${tag}>\n`;
    });
    const rows = errors.map(
      ([name, status]) => `<object><name>${escapeXml(name)}</name><status>${escapeXml(status)}</status></object>\n`,
    );
    return `<${root}>\n${fields.join('')}<errors>\n${rows.join('')}</errors>\n</${root}>\n`;
  }
  const lines = sorted.map(([name, value]) => `${name}: ${String(value)}\n`);
  return `${lines.join('')}Errors:\n${errors.map(([name, status]) => `${name}, ${status}\n`).join('')}`;
}

/** A name as reports quote it. */
export function quote(name: string): string {
  return encodeURIComponent(name)
    .replaceAll('%2F', '/')
    .replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}
