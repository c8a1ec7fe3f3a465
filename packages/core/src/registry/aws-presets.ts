import type { ProviderRow } from './presets.js';

type Extras = Partial<Pick<ProviderRow, 'value' | 'aliases' | 'legacyNumber' | 'oldHost' | 'regional' | 'note'>>;

/**
 * One region of Amazon S3. The driver derives the host from the region, so no row has an endpoint and a region that no row
 * names works as well. Libcloud's module constant `<name>_HOST`, which the Django documentation uses, is an alias of each.
 */
function aws(constant: string, region: string, title: string, extras: Extras = {}): ProviderRow {
  const { aliases = [`${constant}_HOST`], oldHost = `s3-${region}.amazonaws.com`, ...rest } = extras;
  return { constant, title: `Amazon S3, ${title}`, family: 's3', defaults: { region }, aliases, oldHost, ...rest };
}

/** https://docs.aws.amazon.com/general/latest/gr/s3.html */
export const AWS_ROWS: readonly ProviderRow[] = [
  aws('S3', 'us-east-1', 'US East (N. Virginia) or any "region"', {
    aliases: ['S3_US_STANDARD', 'S3_US_STANDARD_HOST'],
    legacyNumber: 3,
    oldHost: 's3.amazonaws.com',
  }),
  aws('S3_US_EAST2', 'us-east-2', 'US East (Ohio)', { value: 's3_us_east_2' }),
  aws('S3_US_WEST', 'us-west-1', 'US West (N. California)', { legacyNumber: 4 }),
  aws('S3_US_WEST_OREGON', 'us-west-2', 'US West (Oregon)', { legacyNumber: 10 }),
  aws('S3_US_GOV_EAST', 'us-gov-east-1', 'GovCloud (US-East)'),
  aws('S3_US_GOV_WEST', 'us-gov-west-1', 'GovCloud (US-West)'),
  aws('S3_CN_NORTH', 'cn-north-1', 'China (Beijing)', { oldHost: 's3.cn-north-1.amazonaws.com.cn' }),
  aws('S3_CN_NORTHWEST', 'cn-northwest-1', 'China (Ningxia)', { oldHost: 's3.cn-northwest-1.amazonaws.com.cn' }),
  aws('S3_EU_WEST', 'eu-west-1', 'Europe (Ireland)', { legacyNumber: 5, regional: { locationConstraint: 'EU' } }),
  aws('S3_EU_WEST2', 'eu-west-2', 'Europe (London)', { value: 's3_eu_west_2' }),
  aws('S3_EU_CENTRAL', 'eu-central-1', 'Europe (Frankfurt)'),
  aws('S3_EU_NORTH1', 'eu-north-1', 'Europe (Stockholm)', { value: 's3_eu_north_1' }),
  aws('S3_EU_SOUTH1', 'eu-south-1', 'Europe (Milan)'),
  aws('S3_AP_SOUTH', 'ap-south-1', 'Asia Pacific (Mumbai)'),
  aws('S3_AP_SOUTHEAST', 'ap-southeast-1', 'Asia Pacific (Singapore)', { legacyNumber: 6 }),
  aws('S3_AP_SOUTHEAST2', 'ap-southeast-2', 'Asia Pacific (Sydney)'),
  aws('S3_AP_NORTHEAST', 'ap-northeast-1', 'Asia Pacific (Tokyo)', { legacyNumber: 7 }),
  aws('S3_AP_NORTHEAST1', 'ap-northeast-1', 'Asia Pacific (Tokyo)', { value: 's3_ap_northeast_1' }),
  aws('S3_AP_NORTHEAST2', 'ap-northeast-2', 'Asia Pacific (Seoul)', { value: 's3_ap_northeast_2' }),
  aws('S3_SA_EAST', 'sa-east-1', 'South America (Sao Paulo)'),
  aws('S3_SA_SOUTHEAST2', 'sa-east-2', 'South America', {
    note: 'A host constant of Libcloud; the region never opened.',
  }),
  aws('S3_CA_CENTRAL', 'ca-central-1', 'Canada (Central)'),
  aws('S3_AF_SOUTH1', 'af-south-1', 'Africa (Cape Town)', { oldHost: 's3.af-south-1.amazonaws.com' }),
];
