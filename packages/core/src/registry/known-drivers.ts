/** A family of providers that one first-party package speaks to. */
export interface DriverFamily {
  /** As the package is named after it. */
  readonly family: string;
  /** Missing for the memory driver, which core brings itself. */
  readonly packageName?: string;
  /** `DriverModule.type` of drivers that may serve this family when the application gives them itself. */
  readonly moduleTypes: readonly string[];
}

const FAMILIES = {
  s3: { family: 's3', packageName: '@stowage/driver-s3', moduleTypes: ['s3'] },
  gcs: { family: 'gcs', packageName: '@stowage/driver-gcs', moduleTypes: ['gcs', 'google'] },
  openstack: {
    family: 'openstack',
    packageName: '@stowage/driver-openstack',
    moduleTypes: ['openstack', 'swift', 'cloudfiles'],
  },
  atmos: { family: 'atmos', packageName: '@stowage/driver-atmos', moduleTypes: ['atmos'] },
  nimbus: { family: 'nimbus', packageName: '@stowage/driver-nimbus', moduleTypes: ['nimbus'] },
  local: { family: 'local', packageName: '@stowage/driver-local', moduleTypes: ['local'] },
  memory: { family: 'memory', moduleTypes: ['memory', 'dummy'] },
} as const satisfies Readonly<Record<string, DriverFamily>>;

export type FamilyName = keyof typeof FAMILIES;

export function familyOf(name: FamilyName): DriverFamily {
  return FAMILIES[name];
}

/** The family that a first-party package serves. */
export function familyOfPackage(packageName: string): DriverFamily | undefined {
  const families: readonly DriverFamily[] = Object.values(FAMILIES);
  return families.find((family) => family.packageName === packageName);
}
