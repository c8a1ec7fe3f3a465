import semver from 'semver';

/** What of a package.json the rules look at. */
export interface DriverManifest {
  readonly name?: string;
  readonly version?: string;
  readonly type?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const CORE = '@stowage/core';
const DRIVER_NAME = /^(@[^/]+\/)?(stowage-)?driver-[a-z0-9-]+$/;
/** From here on `require()` of an ES module works. */
const OLDEST_NODE = '20.19.0';

/** Tells what a driver's package.json lacks, so that it is found, loaded and used with one copy of core; `coreVersion` is that core's. */
export function manifestProblems(manifest: DriverManifest, coreVersion: string): string[] {
  const { name = '', license, keywords = [], type, dependencies = {} } = manifest;
  const rules: readonly (readonly [isGood: boolean, problem: string])[] = [
    [DRIVER_NAME.test(name), `"${name}" is not a driver's name: @scope/driver-x, driver-x or stowage-driver-x`],
    [keywords.includes('stowage-driver'), 'keywords lacks "stowage-driver"'],
    [type === 'module', 'type is not "module"'],
    [license !== undefined && license !== '', 'has no license'],
    [dependencies[CORE] === undefined, `"${CORE}" is a dependency; two copies of core would meet`],
  ];
  return [
    ...rules.filter(([isGood]) => !isGood).map(([, problem]) => problem),
    ...engineProblems(manifest.engines?.['node']),
    ...peerProblems(manifest.peerDependencies?.[CORE], coreVersion),
    ...exportProblems(manifest.exports),
  ];
}

/** The file that a package gives to whoever imports it by its name; undefined without a `default` condition. */
export function entryFile(exported: unknown): string | undefined {
  const target: unknown = isRecord(exported) && '.' in exported ? exported['.'] : exported;
  if (typeof target === 'string') return target;
  if (!isRecord(target)) return undefined;
  const last: unknown = target['default'];
  return typeof last === 'string' ? last : isRecord(last) ? entryFile(last) : undefined;
}

function engineProblems(range: string | undefined): string[] {
  if (range === undefined) return [`engines.node is missing; ">=20.19" is what core asks for`];
  const lowest = semver.validRange(range) === null ? null : semver.minVersion(range);
  if (lowest === null) return [`engines.node "${range}" is not a range`];
  if (semver.gte(lowest, OLDEST_NODE)) return [];
  return [`engines.node "${range}" allows versions of Node older than core does (>=20.19)`];
}

function peerProblems(written: string | undefined, coreVersion: string): string[] {
  if (written === undefined) return [`peerDependencies lacks "${CORE}"`];
  const range = publishedRange(written, coreVersion);
  const isCaret = range.split('||').every((part) => part.trim().startsWith('^'));
  if (!isCaret || semver.validRange(range) === null) return [`peer range "${written}" of ${CORE} is not a caret range`];
  if (semver.satisfies(coreVersion, range, { includePrerelease: true })) return [];
  return [`peer range "${written}" does not include ${CORE} ${coreVersion}, with which it is tested`];
}

/** `workspace:^` is published as a caret range of the present version. */
function publishedRange(range: string, version: string): string {
  if (!range.startsWith('workspace:')) return range;
  const rest = range.slice('workspace:'.length);
  return rest === '^' || rest === '~' ? `${rest}${version}` : rest;
}

function exportProblems(exported: unknown): string[] {
  if (exported === undefined) return ['has no "exports"'];
  if (entryFile(exported) === undefined) return ['exports["."] has no "default" condition'];
  return [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
