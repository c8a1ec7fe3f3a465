import { describe, expect, it } from 'vitest';
import { knownProviders, packageForType } from '../../src/registry/known-providers.js';
import { findRow, namesOf, presetOf, PROVIDER_ROWS } from '../../src/registry/presets.js';
import { parseTypeName } from '../../src/registry/type-name.js';

function rowOf(type: string | number) {
  const name = parseTypeName(type);
  if (name.kind !== 'provider') throw new Error(`${type} is not a provider but ${name.kind}`);
  return name.row;
}

/** [constant, Libcloud's value, region, Libcloud's host] as Apache Libcloud has them. */
const awsConstants = [
  ['S3', 's3', 'us-east-1', 's3.amazonaws.com'],
  ['S3_US_EAST2', 's3_us_east_2', 'us-east-2', 's3-us-east-2.amazonaws.com'],
  ['S3_US_WEST', 's3_us_west', 'us-west-1', 's3-us-west-1.amazonaws.com'],
  ['S3_US_WEST_OREGON', 's3_us_west_oregon', 'us-west-2', 's3-us-west-2.amazonaws.com'],
  ['S3_US_GOV_WEST', 's3_us_gov_west', 'us-gov-west-1', 's3-us-gov-west-1.amazonaws.com'],
  ['S3_CN_NORTH', 's3_cn_north', 'cn-north-1', 's3.cn-north-1.amazonaws.com.cn'],
  ['S3_CN_NORTHWEST', 's3_cn_northwest', 'cn-northwest-1', 's3.cn-northwest-1.amazonaws.com.cn'],
  ['S3_EU_WEST', 's3_eu_west', 'eu-west-1', 's3-eu-west-1.amazonaws.com'],
  ['S3_EU_WEST2', 's3_eu_west_2', 'eu-west-2', 's3-eu-west-2.amazonaws.com'],
  ['S3_EU_CENTRAL', 's3_eu_central', 'eu-central-1', 's3-eu-central-1.amazonaws.com'],
  ['S3_EU_NORTH1', 's3_eu_north_1', 'eu-north-1', 's3-eu-north-1.amazonaws.com'],
  ['S3_AP_SOUTH', 's3_ap_south', 'ap-south-1', 's3-ap-south-1.amazonaws.com'],
  ['S3_AP_SOUTHEAST', 's3_ap_southeast', 'ap-southeast-1', 's3-ap-southeast-1.amazonaws.com'],
  ['S3_AP_SOUTHEAST2', 's3_ap_southeast2', 'ap-southeast-2', 's3-ap-southeast-2.amazonaws.com'],
  ['S3_AP_NORTHEAST', 's3_ap_northeast', 'ap-northeast-1', 's3-ap-northeast-1.amazonaws.com'],
  ['S3_AP_NORTHEAST1', 's3_ap_northeast_1', 'ap-northeast-1', 's3-ap-northeast-1.amazonaws.com'],
  ['S3_AP_NORTHEAST2', 's3_ap_northeast_2', 'ap-northeast-2', 's3-ap-northeast-2.amazonaws.com'],
  ['S3_SA_EAST', 's3_sa_east', 'sa-east-1', 's3-sa-east-1.amazonaws.com'],
  ['S3_CA_CENTRAL', 's3_ca_central', 'ca-central-1', 's3-ca-central-1.amazonaws.com'],
] as const;

/** The names that Libcloud's drivers/s3.py gives to hosts, which the Django documentation uses as providers. */
const hostConstants = [
  ['S3_US_STANDARD_HOST', 'us-east-1', 's3.amazonaws.com'],
  ['S3_US_EAST2_HOST', 'us-east-2', 's3-us-east-2.amazonaws.com'],
  ['S3_US_WEST_HOST', 'us-west-1', 's3-us-west-1.amazonaws.com'],
  ['S3_US_WEST_OREGON_HOST', 'us-west-2', 's3-us-west-2.amazonaws.com'],
  ['S3_US_GOV_EAST_HOST', 'us-gov-east-1', 's3-us-gov-east-1.amazonaws.com'],
  ['S3_US_GOV_WEST_HOST', 'us-gov-west-1', 's3-us-gov-west-1.amazonaws.com'],
  ['S3_CN_NORTH_HOST', 'cn-north-1', 's3.cn-north-1.amazonaws.com.cn'],
  ['S3_CN_NORTHWEST_HOST', 'cn-northwest-1', 's3.cn-northwest-1.amazonaws.com.cn'],
  ['S3_EU_WEST_HOST', 'eu-west-1', 's3-eu-west-1.amazonaws.com'],
  ['S3_EU_WEST2_HOST', 'eu-west-2', 's3-eu-west-2.amazonaws.com'],
  ['S3_EU_CENTRAL_HOST', 'eu-central-1', 's3-eu-central-1.amazonaws.com'],
  ['S3_EU_NORTH1_HOST', 'eu-north-1', 's3-eu-north-1.amazonaws.com'],
  ['S3_EU_SOUTH1_HOST', 'eu-south-1', 's3-eu-south-1.amazonaws.com'],
  ['S3_AP_SOUTH_HOST', 'ap-south-1', 's3-ap-south-1.amazonaws.com'],
  ['S3_AP_SOUTHEAST_HOST', 'ap-southeast-1', 's3-ap-southeast-1.amazonaws.com'],
  ['S3_AP_SOUTHEAST2_HOST', 'ap-southeast-2', 's3-ap-southeast-2.amazonaws.com'],
  ['S3_AP_NORTHEAST_HOST', 'ap-northeast-1', 's3-ap-northeast-1.amazonaws.com'],
  ['S3_AP_NORTHEAST1_HOST', 'ap-northeast-1', 's3-ap-northeast-1.amazonaws.com'],
  ['S3_AP_NORTHEAST2_HOST', 'ap-northeast-2', 's3-ap-northeast-2.amazonaws.com'],
  ['S3_SA_EAST_HOST', 'sa-east-1', 's3-sa-east-1.amazonaws.com'],
  ['S3_SA_SOUTHEAST2_HOST', 'sa-east-2', 's3-sa-east-2.amazonaws.com'],
  ['S3_CA_CENTRAL_HOST', 'ca-central-1', 's3-ca-central-1.amazonaws.com'],
  ['S3_AF_SOUTH1_HOST', 'af-south-1', 's3.af-south-1.amazonaws.com'],
] as const;

/** [constant, Libcloud's value, package] */
const otherConstants = [
  ['S3_RGW', 's3_rgw', '@stowage/driver-s3'],
  ['S3_RGW_OUTSCALE', 's3_rgw_outscale', '@stowage/driver-s3'],
  ['MINIO', 'minio', '@stowage/driver-s3'],
  ['SCALEWAY', 'scaleway', '@stowage/driver-s3'],
  ['OVH', 'ovh', '@stowage/driver-s3'],
  ['DIGITALOCEAN_SPACES', 'digitalocean_spaces', '@stowage/driver-s3'],
  ['AURORAOBJECTS', 'auroraobjects', '@stowage/driver-s3'],
  ['GOOGLE_STORAGE', 'google_storage', '@stowage/driver-gcs'],
  ['CLOUDFILES', 'cloudfiles', '@stowage/driver-openstack'],
  ['OPENSTACK_SWIFT', 'openstack_swift', '@stowage/driver-openstack'],
  ['KTUCLOUD', 'ktucloud', '@stowage/driver-openstack'],
  ['NINEFOLD', 'ninefold', '@stowage/driver-atmos'],
  ['NIMBUS', 'nimbus', '@stowage/driver-nimbus'],
  ['LOCAL', 'local', '@stowage/driver-local'],
  ['DUMMY', 'dummy', undefined],
  ['AZURE_BLOBS', 'azure_blobs', undefined],
  ['BACKBLAZE_B2', 'backblaze_b2', undefined],
  ['ALIYUN_OSS', 'aliyun_oss', undefined],
] as const;

const forms = (name: string) => [`libcloud.storage.types.Provider.${name}`, name, name.toLowerCase()];

describe('the providers of Libcloud', () => {
  it.each(awsConstants)('%s is Amazon S3 in its region', (constant, value, region, oldHost) => {
    for (const type of [...forms(constant), value]) {
      expect(rowOf(type)).toMatchObject({ constant, family: 's3', defaults: { region }, oldHost });
    }
    expect(presetOf(rowOf(constant)).provider).toBe(value);
  });

  it.each(hostConstants)('%s, a host and no provider in Libcloud, means its region', (name, region, oldHost) => {
    for (const type of forms(name)) {
      expect(rowOf(type)).toMatchObject({ family: 's3', defaults: { region } });
      expect(rowOf(type).oldHost).toBe(oldHost);
    }
  });

  it.each(otherConstants)('%s needs the package of its family', (constant, value, packageName) => {
    for (const type of [...forms(constant), value]) {
      expect(rowOf(type).constant).toBe(constant);
      expect(packageForType(type)).toBe(packageName);
    }
    expect(presetOf(rowOf(constant)).provider).toBe(value);
  });

  it.each([
    [0, 'DUMMY'],
    [1, 'CLOUDFILES_US'],
    [2, 'CLOUDFILES_UK'],
    [3, 'S3'],
    [4, 'S3_US_WEST'],
    [5, 'S3_EU_WEST'],
    [6, 'S3_AP_SOUTHEAST'],
    [7, 'S3_AP_NORTHEAST'],
    [8, 'NINEFOLD'],
    [9, 'GOOGLE_STORAGE'],
    [10, 'S3_US_WEST_OREGON'],
  ])('%i, as Libcloud 0.10 counted, is %s', (number, constant) => {
    expect(rowOf(number).constant).toBe(constant);
    expect(rowOf(String(number)).constant).toBe(constant);
  });
});

describe('the types that the Django documentation names', () => {
  const rackspace = (realm: string, region: string) => ({
    authUrl: `https://${realm}identity.api.rackspacecloud.com/v2.0`,
    authVersion: '2.0_apikey',
    serviceName: 'cloudFiles',
    region,
  });

  it.each([
    ['S3_US_STANDARD_HOST', 's3', { region: 'us-east-1' }],
    ['S3_US_WEST_HOST', 's3', { region: 'us-west-1' }],
    ['S3_US_WEST_OREGON_HOST', 's3', { region: 'us-west-2' }],
    ['S3_EU_WEST_HOST', 's3', { region: 'eu-west-1' }],
    ['S3_AP_SOUTHEAST_HOST', 's3', { region: 'ap-southeast-1' }],
    ['S3_AP_NORTHEAST_HOST', 's3', { region: 'ap-northeast-1' }],
    ['GOOGLE_STORAGE', 'gcs', {}],
    ['NIMBUS', 'nimbus', {}],
    ['NINEFOLD', 'atmos', {}],
    ['CLOUDFIULES_US', 'openstack', rackspace('', 'ord')],
    ['CLOUDFIULES_UK', 'openstack', rackspace('lon.', 'lon')],
    ['CLOUDFILES_US', 'openstack', rackspace('', 'ord')],
    ['CLOUDFILES_UK', 'openstack', rackspace('lon.', 'lon')],
    ['CLOUDFILES_SWIFT', 'openstack', {}],
  ])('%s is of family %s', (name, family, defaults) => {
    expect(rowOf(`libcloud.storage.types.Provider.${name}`)).toMatchObject({ family });
    expect(rowOf(`libcloud.storage.types.Provider.${name}`).defaults).toEqual(defaults);
  });

  it('creates containers in S3_EU_WEST with the old text of its location', () => {
    expect(rowOf('S3_EU_WEST').regional).toEqual({ locationConstraint: 'EU' });
  });
});

describe('short names', () => {
  it.each([
    ['s3', 'S3'],
    ['gcs', 'GOOGLE_STORAGE'],
    ['google', 'GOOGLE_STORAGE'],
    ['swift', 'OPENSTACK_SWIFT'],
    ['openstack', 'OPENSTACK_SWIFT'],
    ['cloudfiles', 'CLOUDFILES'],
    ['atmos', 'ATMOS'],
    ['nimbus', 'NIMBUS'],
    ['local', 'LOCAL'],
    ['memory', 'DUMMY'],
    ['dummy', 'DUMMY'],
    ['r2', 'CLOUDFLARE_R2'],
    ['b2_s3', 'BACKBLAZE_B2_S3'],
    ['wasabi', 'WASABI'],
  ])('%s is %s', (name, constant) => {
    expect(rowOf(name).constant).toBe(constant);
  });
});

describe('the table', () => {
  it('gives no name to two providers', () => {
    const names = PROVIDER_ROWS.flatMap((row) => namesOf(row));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const row of PROVIDER_ROWS) for (const name of namesOf(row)) expect(findRow(name)).toBe(row);
  });

  it('lists every provider for documentation, with the address that is used', () => {
    const byConstant = new Map(knownProviders().map((provider) => [provider.constant, provider]));
    expect(byConstant.size).toBe(PROVIDER_ROWS.length);
    expect(byConstant.get('S3_CN_NORTH')).toMatchObject({
      provider: 's3_cn_north',
      packageName: '@stowage/driver-s3',
      endpoint: 'https://s3.cn-north-1.amazonaws.com.cn',
      aliases: ['s3_cn_north_host'],
    });
    expect(byConstant.get('S3_EU_NORTH1')?.endpoint).toBe('https://s3.eu-north-1.amazonaws.com');
    expect(byConstant.get('SCALEWAY')?.endpoint).toBe('https://s3.{region}.scw.cloud');
    expect(byConstant.get('MINIO')).toMatchObject({ endpoint: undefined, needsEndpoint: true });
    expect(byConstant.get('CLOUDFILES_UK')).toMatchObject({ aliases: ['cloudfiules_uk'], legacyNumber: 2 });
  });

  it('tells the package that a type needs without loading it', () => {
    expect(packageForType('libcloud.storage.types.Provider.NIMBUS')).toBe('@stowage/driver-nimbus');
    expect(packageForType('@acme/driver-foo:eu')).toBe('@acme/driver-foo');
    expect(packageForType('left-pad')).toBeUndefined();
  });
});
