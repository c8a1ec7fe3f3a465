import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type KnownProvider, knownProviders } from '@stowage/core';
import { findInstalledDrivers, type InstalledDriver } from '../installed-drivers.js';
import type { Does } from '../program.js';

interface ProviderFlags {
  readonly installed?: true;
  readonly settings?: string;
}

/** One name that `type` may have. */
interface ProviderLine {
  readonly type: string;
  readonly title: string;
  readonly packageName: string | undefined;
  /** Version, or why not. */
  readonly state: string;
  readonly isUsable: boolean;
}

export function addProviders(program: Command, does: Does): void {
  program
    .command('providers')
    .description('list what "type" can be, and which drivers are installed here')
    .option('-i, --installed', 'only what can be used as it is')
    .action(
      does<ProviderFlags>(async ({ output }, { installed, settings }) => {
        const drivers = findInstalledDrivers(settings === undefined ? process.cwd() : resolve(settings, '..'));
        const lines = [...knownProviders().map((row) => lineOf(row, drivers)), ...drivers.flatMap(linesOfOthers)];
        const shown = lines.filter(({ isUsable }) => isUsable || !installed);
        if (output.json) return output.result('', { providers: shown, drivers });
        await output.table([
          ['TYPE', 'DRIVER', 'INSTALLED', 'IS'],
          ...shown.map(({ type, packageName, state, title }) => [type, packageName ?? 'none of ours', state, title]),
        ]);
      }),
    );
}

function lineOf(
  { constant, packageName, family, title }: KnownProvider,
  drivers: readonly InstalledDriver[],
): ProviderLine {
  if (packageName === undefined) {
    const isBuiltIn = family !== undefined;
    const place = isBuiltIn ? '@stowage/core' : undefined;
    return { type: constant, title, packageName: place, state: isBuiltIn ? 'built in' : '-', isUsable: isBuiltIn };
  }
  const driver = drivers.find((each) => each.packageName === packageName);
  return { type: constant, title, packageName, ...stateOf(driver) };
}

/** Packages of others: themselves, and each of their presets. */
function linesOfOthers(driver: InstalledDriver): ProviderLine[] {
  if (driver.isOurs) return [];
  const { packageName, presets, problem } = driver;
  const title = problem ?? 'a driver that is not part of Stowage';
  const types = [packageName, ...presets.map((preset) => `${packageName}:${preset}`)];
  return types.map((type, index) => ({
    type,
    title: index === 0 ? title : 'a preset of it',
    packageName,
    ...stateOf(driver),
  }));
}

function stateOf(driver: InstalledDriver | undefined): Pick<ProviderLine, 'state' | 'isUsable'> {
  if (driver === undefined) return { state: 'no', isUsable: false };
  if (driver.problem !== undefined) return { state: 'unusable', isUsable: false };
  return { state: driver.version ?? 'yes', isUsable: true };
}
