import { ImproperlyConfigured } from '../errors.js';
import { Configuration, type ConfigureOptions } from './configuration.js';
import type { Settings } from './settings.js';

let current: Configuration | undefined;

/**
 * Sets the settings of this process, in place of those that were set before. Storages that were made already keep theirs.
 * Nothing is opened, and no variable of the environment is read, before a storage is made.
 * Throws `ImproperlyConfigured` for settings that nobody would read.
 */
export function configure(settings: Settings, options: ConfigureOptions = {}): void {
  current = new Configuration(settings, options);
}

/** The configuration of this process. Throws Django's `ImproperlyConfigured` before `configure` was called. */
export function currentConfiguration(purpose = 'storages'): Configuration {
  if (current) return current;
  throw new ImproperlyConfigured(
    `Requested setting ${purpose}, but settings are not configured. You must call configure({ LIBCLOUD_PROVIDERS: {...} }) ` +
      'before accessing settings.',
  );
}

/** The settings of this process, as they were given. Reading one throws `ImproperlyConfigured` before `configure` was called. */
export const settings: Settings = new Proxy<Settings>(Object.freeze({}), {
  get: (_, name): unknown =>
    typeof name === 'string' ? Reflect.get(currentConfiguration(name).settings, name) : undefined,
});

/** Undoes an override; `using` calls it at the end of its scope. */
export interface SettingsOverride extends Disposable {
  /** Brings back the settings that were overridden. Does nothing the second time. */
  restore(): void;
}

/** Replaces some settings until `restore`, for tests: Django's `override_settings`. Overrides end in the reverse order. */
export function overrideSettings(changes: Settings, options: ConfigureOptions = {}): SettingsOverride {
  const before = current;
  const overridden = before ? before.with(changes, options) : new Configuration(changes, options);
  current = overridden;
  const restore = (): void => {
    if (current === overridden) current = before;
  };
  return { restore, [Symbol.dispose]: restore };
}
