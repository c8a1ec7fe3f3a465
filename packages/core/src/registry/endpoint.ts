import { StorageError } from '../errors/storage-error.js';
import type { OptionTable } from '../spi/options.js';
import { snakeCase } from './option-spellings.js';
import type { Preset } from './preset.js';

const placeholder = /\{([a-zA-Z]+)\}/g;

/** What may stand in a host name, so that a region cannot lead to another host. */
const hostPart = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

/**
 * Sets `endpoint` from the preset, unless the user gave `endpoint` or `host`; a host keeps the path of the preset. Throws
 * `invalid-argument` when the provider has no address of its own, or when an option that its address is made of is missing or
 * cannot be part of a host name.
 */
export function fillEndpoint(values: Map<string, unknown>, preset: Preset, table: OptionTable): void {
  if (values.has('endpoint') || values.has('host')) {
    refuseUnused(values, preset, table);
    keepPath(values, preset, table);
    return;
  }
  if (preset.needsEndpoint) {
    throw invalid(preset, 'it has no address of its own: give "endpoint", such as "https://storage.example.com"');
  }
  const template = templateFor(preset, values.get('region'));
  if (template === undefined) return;
  if (!Object.hasOwn(table, 'endpoint')) {
    throw new StorageError(
      'driver-incompatible',
      `The installed driver does not know the option "endpoint", which ${preset.provider} needs: update the driver.`,
      { provider: preset.provider },
    );
  }
  values.set('endpoint', expand(template, values, preset));
}

function templateFor({ endpoint, endpoints = {} }: Preset, region: unknown): string | undefined {
  return typeof region === 'string' && Object.hasOwn(endpoints, region) ? endpoints[region] : endpoint;
}

function expand(template: string, values: ReadonlyMap<string, unknown>, preset: Preset): string {
  return template.replace(placeholder, (_, name: string) => {
    const value = values.get(name);
    if (typeof value === 'string' && hostPart.test(value)) return value;
    const written = name === snakeCase(name) ? `"${name}"` : `"${name}" ("${snakeCase(name)}")`;
    throw value === undefined
      ? invalid(preset, `give ${written}, which its address "${template}" is made of, or "endpoint"`)
      : invalid(
          preset,
          `${written} is part of the address "${template}", so it may hold only letters, digits, "-" and "."`,
        );
  });
}

/** A bare host stands in for the host of the address, as in Libcloud: what the address has behind its host stays. */
function keepPath(values: Map<string, unknown>, preset: Preset, table: OptionTable): void {
  const host = values.get('host');
  const path = /^https?:\/\/[^/]+(\/.+)$/.exec(preset.endpoint ?? '')?.[1];
  const isBare = typeof host === 'string' && !host.includes('/');
  if (path !== undefined && isBare && Object.hasOwn(table, 'path') && !values.has('path')) values.set('path', path);
}

/** An option that only the template uses would be dropped silently. */
function refuseUnused(values: ReadonlyMap<string, unknown>, preset: Preset, table: OptionTable): void {
  const parts = [...(preset.endpoint ?? '').matchAll(placeholder)].map(([, name]) => name as string);
  const unused = parts.find((name) => values.has(name) && !Object.hasOwn(table, name));
  if (unused !== undefined) {
    throw invalid(preset, `"${unused}" and an endpoint both say where the store is: give only one`);
  }
}

function invalid(preset: Preset, problem: string): StorageError {
  return new StorageError('invalid-argument', `${preset.provider}: ${problem}.`, { provider: preset.provider });
}
