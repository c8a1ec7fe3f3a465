import { type ProviderOptions, StorageError } from '@stowage/core/spi';
import { escapePath, escapeUri } from '@stowage/http';
import { refuse } from './options.js';
import { utf8Header } from './requests.js';

type Operation = 'read' | 'put' | 'copy' | 'delete' | 'create';

interface ProviderOption {
  readonly header: string;
  write(value: unknown, name: string): string;
}

const text = (header: string): ProviderOption => ({ header, write: writeText });
const flag = (header: string): ProviderOption => ({ header, write: writeFlag });
const whole = (header: string): ProviderOption => ({ header, write: writeWhole });

const STORED: Readonly<Record<string, ProviderOption>> = {
  /** When the object shall go: a Date, or seconds since 1970. */
  deleteAt: { header: 'x-delete-at', write: writeSeconds },
  /** Seconds from now on. */
  deleteAfter: whole('x-delete-after'),
  expires: text('expires'),
  robotsTag: text('x-robots-tag'),
};

/** Options of Swift alone, by the header that carries them: `provider: { deleteAfter: 3600 }`. */
const OPTIONS: Readonly<Record<Operation, Readonly<Record<string, ProviderOption>>>> = {
  read: { newest: flag('x-newest') },
  put: {
    ...STORED,
    detectContentType: flag('x-detect-content-type'),
    /** Makes a symbolic link to an object: `{ container, key }`. The body must be empty. */
    symlinkTarget: { header: 'x-symlink-target', write: writeTarget },
    symlinkTargetEtag: text('x-symlink-target-etag'),
  },
  copy: STORED,
  delete: {},
  create: {
    storagePolicy: text('x-storage-policy'),
    readAcl: text('x-container-read'),
    writeAcl: text('x-container-write'),
    quotaBytes: whole('x-container-meta-quota-bytes'),
    quotaCount: whole('x-container-meta-quota-count'),
    /** Name of the container that keeps what is overwritten; a delete brings the version before back. */
    versionsLocation: { header: 'x-versions-location', write: writeName },
    /** As `versionsLocation`, but a delete keeps the object too. */
    historyLocation: { header: 'x-history-location', write: writeName },
    versionsEnabled: flag('x-versions-enabled'),
  },
};

/** Options that the driver itself heeds, beside those that travel as headers. */
const OWN: Readonly<Record<Operation, readonly string[]>> = {
  read: [],
  put: ['largeObject'],
  copy: [],
  delete: [],
  create: ['public', 'metadata'],
};

/** Names in lower case and values in turn. Throws `unsupported` for an option that Swift does not have. */
export function providerHeaders(operation: Operation, options: ProviderOptions | undefined): readonly string[] {
  if (options === undefined) return [];
  const known = OPTIONS[operation];
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || OWN[operation].includes(name)) return [];
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (option) return [option.header, option.write(value, name)];
    const list = [...Object.keys(known), ...OWN[operation]].join(', ') || 'none';
    throw new StorageError('unsupported', `Swift has no provider option "${name}" for ${operation}; it has ${list}.`);
  });
}

/** How a large object is to be put together: `slo` unless the option says otherwise. */
export function largeObjectKind(options: ProviderOptions | undefined): 'slo' | 'dlo' {
  const kind = options?.['largeObject'] ?? 'slo';
  return kind === 'slo' || kind === 'dlo' ? kind : refuse('The provider option "largeObject" must be "slo" or "dlo".');
}

function writeText(value: unknown, name: string): string {
  if (typeof value === 'string' && !/\p{Cc}/u.test(value)) return utf8Header(value);
  return refuse(`The provider option "${name}" must be text without control characters.`);
}

function writeFlag(value: unknown, name: string): string {
  return typeof value === 'boolean' ? String(value) : refuse(`The provider option "${name}" must be true or false.`);
}

function writeWhole(value: unknown, name: string): string {
  const isWhole = Number.isSafeInteger(value) && (value as number) >= 0;
  return isWhole ? String(value) : refuse(`The provider option "${name}" must be a whole number.`);
}

function writeSeconds(value: unknown, name: string): string {
  return writeWhole(value instanceof Date ? Math.ceil(value.getTime() / 1000) : value, name);
}

function writeName(value: unknown, name: string): string {
  const isName = typeof value === 'string' && value !== '' && !value.includes('/');
  return isName ? escapeUri(value) : refuse(`The provider option "${name}" must be the name of a container.`);
}

function writeTarget(value: unknown, name: string): string {
  const { container, key } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof container === 'string' && typeof key === 'string') return `${escapeUri(container)}/${escapePath(key)}`;
  return refuse(`The provider option "${name}" must be { container, key }.`);
}
