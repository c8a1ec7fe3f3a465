import { StorageError } from '../errors/storage-error.js';
import type { DriverModule } from '../spi/module.js';
import type { OptionTable } from '../spi/options.js';
import { fillEndpoint } from './endpoint.js';
import { listSpellings, snakeCase } from './option-spellings.js';
import { convertValue } from './option-values.js';
import { didYouMean } from '../errors/nearest.js';
import type { Preset } from './preset.js';

export interface ReadOptionsResult {
  /** For `DriverModule.create`: checked, in camelCase, with the preset's defaults. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Every secret text among them, so that no message ever shows one. */
  readonly secrets: readonly string[];
}

/** What the reading of one settings object needs to know. */
interface Reading {
  readonly module: DriverModule;
  readonly preset: Preset;
  readonly table: OptionTable;
}

/**
 * Checks what the user gave (without `type`) against the driver's table and fills in what the preset brings.
 *
 * Names may be in camelCase or snake_case, or aliases. Only own properties count; `undefined` and `null` mean "not given".
 * Values are converted where nothing is lost (see `convertValue`). Throws `invalid-argument` for unknown names, for one option
 * given twice with different values, for values of another type and for required options that are missing; no message shows
 * a value. Throws `driver-incompatible` when the driver does not know an option that the preset sets.
 */
export function readOptions(
  module: DriverModule,
  given: Readonly<Record<string, unknown>>,
  preset: Preset = { provider: module.type, defaults: {} },
): ReadOptionsResult {
  const table = { ...extraOptions(module, preset), ...module.options };
  const reading: Reading = { module, preset, table };
  const values = readGiven(given, reading);
  fillDefaults(values, reading);
  fillEndpoint(values, preset, module.options);
  refuseMissing(values, reading);
  const secrets = [...values].flatMap(([name, value]) => (table[name]?.secret ? textsIn(value) : []));
  const options = Object.fromEntries([...values].filter(([name]) => Object.hasOwn(module.options, name)));
  return { options: Object.freeze(options), secrets: [...new Set(secrets)] };
}

/** Options of the preset that the driver does not know, not even as an alias. */
function extraOptions(module: DriverModule, preset: Preset): OptionTable {
  const known = listSpellings(module.options, module.type);
  return Object.fromEntries(Object.entries(preset.extraOptions ?? {}).filter(([name]) => !known.has(name)));
}

function readGiven(given: Readonly<Record<string, unknown>>, reading: Reading): Map<string, unknown> {
  const spellings = listSpellings(reading.table, reading.module.type);
  const entries = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  refuseUnknown(
    entries.map(([written]) => written).filter((written) => !spellings.has(written)),
    reading,
  );
  const values = new Map<string, unknown>();
  const writtenAs = new Map<string, string>();
  for (const [written, value] of entries) {
    const name = spellings.get(written) as string;
    const converted = convert(written, name, value, reading);
    const earlier = writtenAs.get(name);
    if (earlier !== undefined && !isSame(values.get(name), converted)) {
      throw invalid(reading, `"${earlier}" and "${written}" are one option and have different values: give only one`);
    }
    values.set(name, converted);
    writtenAs.set(name, written);
  }
  return values;
}

function convert(written: string, name: string, value: unknown, { table, preset }: Reading): unknown {
  const spec = table[name] as OptionTable[string];
  const converted = convertValue(value, spec.type);
  if ('value' in converted) return converted.value;
  throw new StorageError('invalid-argument', `Option "${written}" of ${preset.provider} ${converted.problem}.`, {
    provider: preset.provider,
  });
}

function refuseUnknown(unknown: readonly string[], reading: Reading): void {
  const [first] = unknown;
  if (first === undefined) return;
  const written = first.includes('_') ? snakeCase : (name: string) => name;
  const known = Object.entries(reading.table).flatMap(([name, spec]) => [name, ...(spec.aliases ?? [])]);
  const guess = didYouMean(first, known.map(written));
  const names = unknown.map((name) => JSON.stringify(name.slice(0, 60))).join(', ');
  const list = Object.keys(reading.table).sort().join(', ');
  throw invalid(reading, `unknown option ${names}.${guess} Known options: ${list}`);
}

function fillDefaults(values: Map<string, unknown>, { module, preset, table }: Reading): void {
  const { defaults, regional = {} } = preset;
  const region = values.get('region');
  const isAtHome = region === undefined || region === defaults['region'];
  for (const [name, value] of Object.entries({ ...(isAtHome ? regional : {}), ...defaults })) {
    const spec = Object.hasOwn(table, name) ? table[name] : undefined;
    const converted = spec && convertValue(value, spec.type);
    if (!converted || !('value' in converted)) {
      throw new StorageError(
        'driver-incompatible',
        `The installed driver "${module.type}" does not know the option "${name}" as ${preset.provider} needs it: update the driver.`,
        { provider: preset.provider },
      );
    }
    if (!values.has(name)) values.set(name, converted.value);
  }
}

function refuseMissing(values: ReadonlyMap<string, unknown>, reading: Reading): void {
  for (const [name, spec] of Object.entries(reading.table)) {
    if (spec.required && !values.has(name)) throw invalid(reading, `option "${name}" is missing: ${spec.about}`);
  }
}

function invalid({ preset }: Reading, problem: string): StorageError {
  const message = `${preset.provider}: ${problem}`;
  return new StorageError('invalid-argument', message.endsWith('.') ? message : `${message}.`, {
    provider: preset.provider,
  });
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, index) => value === b[index]);
  return Object.is(a, b);
}

/** The texts of a secret, which may be an object such as a service account's key file. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
