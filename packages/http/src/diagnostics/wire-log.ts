import { appendFileSync } from 'node:fs';

/** Writes one line of the wire log. */
export type WireLog = (line: string) => void;

/**
 * Opens the wire log that `STOWAGE_DEBUG` asks for: `http` writes to standard error, anything with a slash or a dot in it is the
 * path of a file to append to. Undefined when there is none. Secrets are redacted before a line comes here.
 */
export function openWireLog(env: Readonly<Record<string, string | undefined>>): WireLog | undefined {
  const wanted = env['STOWAGE_DEBUG'];
  if (wanted === undefined || wanted === '') return undefined;
  if (wanted.split(',').includes('http')) return (line) => void process.stderr.write(`${line}\n`);
  if (!/[./\\]/.test(wanted)) return undefined;
  return (line) => {
    try {
      appendFileSync(wanted, `${line}\n`, { mode: 0o600 });
    } catch {
      // A log that cannot be written must not fail a request.
    }
  };
}
