import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder, which is removed when the test ends. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'stowage-gcs-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A new file of JSON, which is removed when the test ends. */
export function jsonFile(value: object): string {
  const path = join(temporaryFolder(), 'credentials.json');
  writeFileSync(path, JSON.stringify(value));
  return path;
}
