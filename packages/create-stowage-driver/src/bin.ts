#!/usr/bin/env node
import { relative } from 'node:path';
import { generateDriver, RefusedError } from './generate.js';

const USAGE = `npm create stowage-driver <package name>

Makes a driver package for Stowage in a new folder: @scope/driver-name, driver-name or stowage-driver-name. It builds, lints and
passes the conformance suite at once, over a small store that stands for yours.`;

function main(args: readonly string[]): number {
  const [name, ...more] = args;
  if (name === '--help' || name === '-h') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (name === undefined || more.length > 0) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  try {
    const { folder, files } = generateDriver(name, process.cwd());
    const here = relative(process.cwd(), folder);
    process.stdout.write(`${files.length} files in ${here}. Next:\n\n  cd ${here}\n  npm install\n  npm test\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    process.stderr.write(`create-stowage-driver: ${error.message}\n`);
    return 2;
  }
}

process.exitCode = main(process.argv.slice(2));
