import { AWS_ROWS } from './aws-presets.js';
import type { FamilyName } from './known-drivers.js';
import type { OptionTable } from '../spi/options.js';
import type { Preset } from './preset.js';

/** One provider that `type` can name. */
export interface ProviderRow extends Omit<Preset, 'provider'> {
  /** Libcloud's constant, or ours where Libcloud has none. */
  readonly constant: string;
  /** Libcloud's value of the constant, when it is not the constant in lower case. */
  readonly value?: string;
  readonly title: string;
  /** Missing where Stowage has no driver of its own. */
  readonly family?: FamilyName;
  /** Other names, in any case: host constants, misspellings of the Django documentation, short names. */
  readonly aliases?: readonly string[];
  /** Libcloud's number for it up to 0.10. */
  readonly legacyNumber?: number;
  /** Host that Libcloud uses, where ours is another. */
  readonly oldHost?: string;
  /** What a reader of the list should know. */
  readonly note?: string;
}

const S3_COMPATIBLE_ROWS: readonly ProviderRow[] = [
  {
    constant: 'S3_RGW',
    title: 'Ceph RADOS Gateway',
    family: 's3',
    defaults: { region: 'default', locationConstraint: '', service: 'ceph' },
    needsEndpoint: true,
    note: 'Libcloud signs with version 2 unless told otherwise; Stowage with version 4.',
  },
  {
    constant: 'S3_RGW_OUTSCALE',
    title: 'Outscale Object Storage (OSU)',
    family: 's3',
    defaults: { region: 'eu-west-2' },
    endpoint: 'https://osu.{region}.outscale.com',
    endpoints: { 'cn-southeast-1': 'https://osu.cn-southeast-1.outscale.hk' },
  },
  {
    constant: 'MINIO',
    title: 'MinIO',
    family: 's3',
    defaults: { region: 'us-east-1', locationConstraint: '', service: 'minio' },
    needsEndpoint: true,
  },
  {
    constant: 'SCALEWAY',
    title: 'Scaleway Object Storage',
    family: 's3',
    defaults: { region: 'fr-par' },
    endpoint: 'https://s3.{region}.scw.cloud',
  },
  {
    constant: 'OVH',
    title: 'OVHcloud Object Storage',
    family: 's3',
    defaults: { region: 'sbg' },
    endpoint: 'https://s3.{region}.perf.cloud.ovh.net',
  },
  {
    constant: 'DIGITALOCEAN_SPACES',
    title: 'DigitalOcean Spaces',
    family: 's3',
    defaults: { region: 'nyc3', locationConstraint: '' },
    endpoint: 'https://{region}.digitaloceanspaces.com',
  },
  {
    constant: 'AURORAOBJECTS',
    title: 'AuroraObjects',
    family: 's3',
    defaults: { region: 'us-east-1', locationConstraint: '' },
    endpoint: 'https://o.auroraobjects.eu',
    note: 'The service is closed; give "endpoint" for a server that stands in for it.',
  },
  {
    constant: 'CLOUDFLARE_R2',
    aliases: ['R2'],
    title: 'Cloudflare R2',
    family: 's3',
    defaults: { region: 'auto' },
    endpoint: 'https://{accountId}.r2.cloudflarestorage.com',
    extraOptions: { accountId: { type: 'string', about: 'Cloudflare account id: the first part of the endpoint.' } },
  },
  {
    constant: 'BACKBLAZE_B2_S3',
    aliases: ['B2_S3'],
    title: 'Backblaze B2 (S3-compatible API)',
    family: 's3',
    defaults: {},
    endpoint: 'https://s3.{region}.backblazeb2.com',
    note: 'Needs "region", such as us-west-004, or "endpoint".',
  },
  {
    constant: 'WASABI',
    title: 'Wasabi',
    family: 's3',
    defaults: { region: 'us-east-1' },
    endpoint: 'https://s3.{region}.wasabisys.com',
  },
];

const RACKSPACE_US = { authUrl: 'https://identity.api.rackspacecloud.com/v2.0', authVersion: '2.0_apikey' };
const RACKSPACE_UK = { authUrl: 'https://lon.identity.api.rackspacecloud.com/v2.0', authVersion: '2.0_apikey' };

const OPENSTACK_ROWS: readonly ProviderRow[] = [
  {
    constant: 'OPENSTACK_SWIFT',
    aliases: ['SWIFT', 'OPENSTACK', 'CLOUDFILES_SWIFT'],
    title: 'OpenStack Swift',
    family: 'openstack',
    defaults: {},
  },
  {
    constant: 'CLOUDFILES',
    title: 'Rackspace Cloud Files',
    family: 'openstack',
    defaults: { ...RACKSPACE_US, serviceName: 'cloudFiles', region: 'ord' },
  },
  {
    constant: 'CLOUDFILES_US',
    aliases: ['CLOUDFIULES_US'],
    title: 'Rackspace Cloud Files, US identity',
    family: 'openstack',
    legacyNumber: 1,
    defaults: { ...RACKSPACE_US, serviceName: 'cloudFiles', region: 'ord' },
  },
  {
    constant: 'CLOUDFILES_UK',
    aliases: ['CLOUDFIULES_UK'],
    title: 'Rackspace Cloud Files, UK identity',
    family: 'openstack',
    legacyNumber: 2,
    defaults: { ...RACKSPACE_UK, serviceName: 'cloudFiles', region: 'lon' },
  },
  {
    constant: 'KTUCLOUD',
    title: 'KT ucloud',
    family: 'openstack',
    defaults: { authUrl: 'https://ssproxy.ucloudbiz.olleh.com/auth/v1.0', authVersion: '1.0' },
  },
];

const UNUSED_USER: OptionTable = { user: { type: 'string', about: 'Unused, as in Libcloud.' } };
const UNUSED_KEY: OptionTable = { key: { type: 'string', about: 'Unused, as in Libcloud.', secret: true } };

const OTHER_ROWS: readonly ProviderRow[] = [
  { constant: 'LOCAL', title: 'Folder of this machine', family: 'local', defaults: {}, extraOptions: UNUSED_KEY },
  {
    constant: 'DUMMY',
    aliases: ['MEMORY'],
    title: 'Memory of this process',
    family: 'memory',
    legacyNumber: 0,
    defaults: {},
    extraOptions: { ...UNUSED_USER, ...UNUSED_KEY },
  },
  {
    constant: 'GOOGLE_STORAGE',
    aliases: ['GCS', 'GOOGLE'],
    title: 'Google Cloud Storage',
    family: 'gcs',
    legacyNumber: 9,
    defaults: {},
  },
  { constant: 'ATMOS', title: 'EMC Atmos, Dell ECS', family: 'atmos', defaults: {}, needsEndpoint: true },
  {
    constant: 'NINEFOLD',
    title: 'Ninefold (Atmos)',
    family: 'atmos',
    legacyNumber: 8,
    defaults: {},
    endpoint: 'https://api.ninefold.com/storage/v1.0',
    note: 'The service is closed; give "endpoint" for a server that stands in for it.',
  },
  {
    constant: 'NIMBUS',
    title: 'Nimbus.io',
    family: 'nimbus',
    defaults: {},
    endpoint: 'https://nimbus.io',
    note: 'The public service is closed; give "endpoint" for your own cluster.',
  },
  { constant: 'AZURE_BLOBS', title: 'Azure Blob Storage', defaults: {} },
  {
    constant: 'BACKBLAZE_B2',
    title: 'Backblaze B2 (native API)',
    defaults: {},
    note: 'The same buckets are reached through its S3-compatible API: BACKBLAZE_B2_S3.',
  },
  {
    constant: 'ALIYUN_OSS',
    title: 'Alibaba Cloud OSS',
    defaults: {},
    note: 'Its S3-compatible API is reached with type "S3" and "endpoint".',
  },
];

/** Every provider that `type` can name, in the order in which documentation lists them. */
export const PROVIDER_ROWS: readonly ProviderRow[] = [
  ...AWS_ROWS,
  ...S3_COMPATIBLE_ROWS,
  ...OPENSTACK_ROWS,
  ...OTHER_ROWS,
];

/** Libcloud's string for the provider: the name that messages and `storage.provider` use. */
export function valueOf(row: ProviderRow): string {
  return row.value ?? row.constant.toLowerCase();
}

/** Every spelling of the provider in lower case. */
export function namesOf(row: ProviderRow): readonly string[] {
  const names = [valueOf(row), row.constant, ...(row.aliases ?? [])].map((name) => name.toLowerCase());
  return [...new Set(names)];
}

const ROW_BY_NAME: ReadonlyMap<string, ProviderRow> = new Map(
  PROVIDER_ROWS.flatMap((row) => [
    ...namesOf(row).map((name) => [name, row] as const),
    ...(row.legacyNumber === undefined ? [] : [[String(row.legacyNumber), row] as const]),
  ]),
);

/** Finds a provider by any of its names in lower case, or by its legacy number in decimal. */
export function findRow(name: string): ProviderRow | undefined {
  return ROW_BY_NAME.get(name);
}

export function presetOf(row: ProviderRow): Preset {
  return { ...row, provider: valueOf(row) };
}
