import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveDriver } from '@stowage/core';
import { type DriverManifest, entryFile, manifestProblems } from './driver-manifest.js';
import { importProblems } from './package-imports.js';

const LICENCE_FILE = /^licen[cs]e(\.(md|txt))?$/i;

/**
 * Tells what keeps a built driver package from being found, loaded and trusted; an empty list is good. Checks its package.json, that it
 * holds a licence, that whoever installs it gets every package that its entry imports, and that what it exports as `driver` is a driver
 * module. Throws when the folder holds no package.json.
 */
export async function checkManifest(packageDir: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as DriverManifest;
  const problems = manifestProblems(manifest, await coreVersion());
  const files = await readdir(packageDir);
  if (!files.some((file) => LICENCE_FILE.test(file))) problems.push('has no file LICENSE');
  const entry = entryFile(manifest.exports);
  if (entry !== undefined) {
    problems.push(...(await importProblems(packageDir, entry, manifest)));
    problems.push(...(await moduleProblems(resolve(packageDir, entry))));
  }
  return problems;
}

async function coreVersion(): Promise<string> {
  const path = createRequire(import.meta.url).resolve('@stowage/core/package.json');
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
  return version;
}

/** Loads the entry and has core look at it, as it does when a user names the package. */
async function moduleProblems(entry: string): Promise<string[]> {
  try {
    const loaded = (await import(pathToFileURL(entry).href)) as { driver?: unknown };
    if (typeof loaded.driver !== 'object') return [`${entry} exports no object "driver"`];
    resolveDriver(loaded.driver);
    return [];
  } catch (error) {
    return [`${entry} cannot be used: ${error instanceof Error ? error.message : String(error)}`];
  }
}
