import { realpathSync, mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type OptionsOf, type OptionTable, StorageError } from '@stowage/core/spi';

/** Every option of the local driver. */
export const localOptions = {
  root: {
    type: 'string',
    about: 'Directory that holds the containers; Libcloud calls it "user". It must exist, unless createRoot is true.',
    aliases: ['user'],
    required: true,
  },
  createRoot: {
    type: 'boolean',
    about: 'Make the root, and the directories above it, when it is missing; default false.',
  },
  baseUrl: {
    type: 'string',
    about: 'Where the root is served, such as "https://example.org/files"; without it there are no URLs.',
  },
  urlSecret: {
    type: 'string',
    about: 'Secret of the signatures in URLs, at least 16 characters; "key" is used when it is missing.',
    secret: true,
  },
  key: {
    type: 'string',
    about: 'Libcloud asks for it and does not use it; here it is the secret of the signatures in URLs, unless empty.',
    secret: true,
  },
  fsync: {
    type: 'boolean',
    about: 'Wait until what was written is safe from a power cut; default true. A killed process never does harm.',
  },
  fileMode: { type: 'number', about: 'Permissions of files, such as 0o640; default 0o666 less the umask.' },
  directoryMode: { type: 'number', about: 'Permissions of directories, such as 0o750; default 0o777 less the umask.' },
  abandonedUploadHours: {
    type: 'number',
    about: 'Hours after which an upload in parts that nobody went on with may be swept; default 168, a week.',
  },
  exUseLocking: {
    type: 'boolean',
    about: 'Accepted from Libcloud settings; the locks of this driver need no other package and are always on.',
  },
} as const satisfies OptionTable;

/** Options of the local driver, in camelCase. */
export type LocalOptions = OptionsOf<typeof localOptions>;

/** Options, checked and completed. */
export interface LocalSettings {
  /** Absolute, without symbolic links. */
  readonly root: string;
  readonly baseUrl: URL | undefined;
  readonly urlSecret: string | undefined;
  readonly fsync: boolean;
  readonly fileMode: number | undefined;
  readonly directoryMode: number | undefined;
  readonly abandonedUploadMs: number;
}

const MIN_SECRET_LENGTH = 16;
const HOUR_MS = 3_600_000;

/** Checks options against each other and against the machine. Throws `invalid-argument`. */
export function readSettings(options: LocalOptions): LocalSettings {
  if (process.platform === 'win32') {
    throw new StorageError(
      'unsupported',
      'The local driver keeps its promises on Linux and macOS only, not on Windows.',
    );
  }
  const { urlSecret, abandonedUploadHours = 168 } = options;
  if (urlSecret !== undefined && urlSecret.length < MIN_SECRET_LENGTH) {
    throw invalid(`"urlSecret" must have at least ${MIN_SECRET_LENGTH} characters.`);
  }
  if (!(abandonedUploadHours > 0)) throw invalid('"abandonedUploadHours" must be above 0.');
  return {
    root: findRoot(options),
    baseUrl: options.baseUrl === undefined ? undefined : parseBaseUrl(options.baseUrl),
    urlSecret: urlSecret ?? (options.key || undefined),
    fsync: options.fsync ?? true,
    fileMode: checkMode('fileMode', options.fileMode),
    directoryMode: checkMode('directoryMode', options.directoryMode),
    abandonedUploadMs: abandonedUploadHours * HOUR_MS,
  };
}

function findRoot({ root, createRoot = false }: LocalOptions): string {
  if (typeof root !== 'string' || root === '' || root.includes('\0')) {
    throw invalid(
      'The local driver needs "root" (or "user", as Libcloud calls it): the directory that holds the containers.',
    );
  }
  const path = resolve(root);
  try {
    if (createRoot) mkdirSync(path, { recursive: true });
    if (statSync(path).isDirectory()) return realpathSync.native(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be used';
    throw invalid(`The root "${path}" ${reason}. Make the directory, or set createRoot to true.`, cause);
  }
  throw invalid(`The root "${path}" is not a directory.`);
}

function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url;
  throw invalid(`"baseUrl" must be an http or https URL without "?" and "#", not "${text}".`);
}

function checkMode(name: string, mode: number | undefined): number | undefined {
  if (mode === undefined || (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777)) return mode;
  throw invalid(`"${name}" must be a mode such as 0o640, not ${mode}.`);
}

function invalid(message: string, cause?: unknown): StorageError {
  return new StorageError('invalid-argument', message, cause === undefined ? {} : { cause });
}
