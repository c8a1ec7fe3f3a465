import { isDeepStrictEqual } from 'node:util';
import { didYouMean, type StorageSettings } from '@stowage/core';
import { ImproperlyConfigured } from '../errors.js';
import { type Environment, resolveEnvironment } from './environment.js';
import type { ProviderSettings, Settings } from './settings.js';

/** One provider of the settings, read: what the adapter itself uses, and what the driver is opened with. */
export interface Provider {
  readonly name: string;
  readonly bucket: string;
  readonly urlBase: string | undefined;
  readonly urlExpiresInSeconds: number | undefined;
  readonly urlSigned: boolean;
  readonly fileOverwrite: boolean;
  /** For `openStorage`; holds secrets. */
  readonly driver: StorageSettings;
}

/** Options of the adapter in camelCase, each with the type that its value must have; all others are the driver's. */
const ADAPTER_OPTIONS = {
  bucket: 'string',
  urlBase: 'string',
  urlExpiresInSeconds: 'number',
  urlSigned: 'boolean',
  fileOverwrite: 'boolean',
} as const;

type AdapterOption = keyof typeof ADAPTER_OPTIONS;

function toCamelCase(name: string): string {
  return name.replace(/(?<=.)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Throws Libcloud's sentence, with the name that was perhaps meant. */
function findProvider(settings: Settings, name: string): ProviderSettings {
  const providers = settings.LIBCLOUD_PROVIDERS ?? {};
  const given: unknown = Object.hasOwn(providers, name) ? providers[name] : undefined;
  if (typeof given === 'object' && given !== null && Object.keys(given).length > 0) return given as ProviderSettings;
  const hint = given === undefined ? didYouMean(name, Object.keys(providers)) : '';
  throw new ImproperlyConfigured(`LIBCLOUD_PROVIDERS ${name} not defined or invalid${hint && `.${hint}`}`);
}

function readAdapterOption(
  options: Map<AdapterOption, unknown>,
  option: AdapterOption,
  value: unknown,
  where: string,
): void {
  const type = ADAPTER_OPTIONS[option];
  if (options.has(option)) throw new ImproperlyConfigured(`${where} is given in both spellings. Keep one.`);
  if (typeof value !== type) throw new ImproperlyConfigured(`${where} must be a ${type}, not ${typeof value}.`);
  options.set(option, value);
}

/**
 * Reads a provider of the settings, with the environment's values in place.
 * Throws `ImproperlyConfigured` when there is no such provider, a variable is missing, or an option of the adapter is wrong.
 */
export function readProvider(settings: Settings, name: string, environment: Environment): Provider {
  const { type, ...given } = findProvider(settings, name);
  const where = `LIBCLOUD_PROVIDERS ${name}`;
  const own = new Map<AdapterOption, unknown>();
  const driver: Record<string, unknown> = {};
  for (const [key, raw] of Object.entries(given)) {
    const value = resolveEnvironment(raw, environment, `${where}.${key}`);
    const option = toCamelCase(key);
    if (Object.hasOwn(ADAPTER_OPTIONS, option))
      readAdapterOption(own, option as AdapterOption, value, `${where}.${key}`);
    else driver[key] = value;
  }
  const isModule = typeof type === 'object' && 'create' in type;
  const resolvedType = isModule ? type : resolveEnvironment(type, environment, `${where}.type`);
  return {
    name,
    bucket: readBucket(own.get('bucket') as string | undefined, where),
    urlBase: own.get('urlBase') as string | undefined,
    urlExpiresInSeconds: readSeconds(own.get('urlExpiresInSeconds') as number | undefined, where),
    urlSigned: (own.get('urlSigned') as boolean | undefined) ?? true,
    fileOverwrite: (own.get('fileOverwrite') as boolean | undefined) ?? false,
    driver: { type: resolvedType as StorageSettings['type'], ...driver },
  };
}

function readBucket(bucket: string | undefined, where: string): string {
  if (bucket !== undefined && bucket !== '') return bucket;
  throw new ImproperlyConfigured(
    `${where} has no "bucket". Name the container that holds its files: bucket: 'bucket-1'.`,
  );
}

function readSeconds(seconds: number | undefined, where: string): number | undefined {
  if (seconds === undefined || (Number.isInteger(seconds) && seconds > 0)) return seconds;
  throw new ImproperlyConfigured(`${where}.url_expires_in_seconds must be a whole number above 0, not ${seconds}.`);
}

/** True when two providers are the same but for their names and the spelling of their options. */
export function isSameProvider(one: Provider, other: Provider): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other));
}

function comparable({ name: _, driver, ...own }: Provider): unknown {
  const options = Object.entries(driver).map(([option, value]) => [toCamelCase(option), value] as const);
  return { ...own, driver: Object.fromEntries(options) };
}
