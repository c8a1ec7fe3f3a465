import type { CallContext, ContainerRecord } from '@stowage/core/spi';
import type { SwiftWire } from './client.js';
import { containerMetadataHeader, metadataText, PUBLIC_READ, toContainer } from './containers.js';
import { containerCall, containerPath } from './requests.js';

/** Signal of one call; nothing is tried again here. */
export interface ClientCallOptions {
  readonly signal?: AbortSignal | undefined;
}

type Options = ClientCallOptions;

export function context({ signal }: Options): CallContext {
  return { signal, attempt: 1 };
}

/** What a container of Swift can be told: https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-container-metadata */
export abstract class ContainerSettings {
  readonly #wire: SwiftWire;

  constructor(wire: SwiftWire) {
    this.#wire = wire;
  }

  /** Usage, policy, ACLs, quotas and metadata stand in `extra`. */
  async container(name: string, options: Options = {}): Promise<ContainerRecord> {
    return toContainer(name, await this.#wire.send(containerCall('HEAD', name), context(options)));
  }

  /** Sets metadata of a container; an empty text removes one. */
  async setContainerMetadata(
    name: string,
    metadata: Readonly<Record<string, string>>,
    options: Options = {},
  ): Promise<void> {
    const headers = Object.entries(metadata).flatMap(([key, value]) => [
      containerMetadataHeader(key),
      metadataText(value),
    ]);
    await this.#post(name, headers, options);
  }

  /** Who may read and write, in Swift's own words, such as `.r:*,.rlistings` or `project:user`; an empty text is nobody else. */
  async setAcl(
    name: string,
    acl: { readonly read?: string | undefined; readonly write?: string | undefined },
    options: Options = {},
  ): Promise<void> {
    const headers = [];
    if (acl.read !== undefined) headers.push('x-container-read', metadataText(acl.read));
    if (acl.write !== undefined) headers.push('x-container-write', metadataText(acl.write));
    await this.#post(name, headers, options);
  }

  /** Lets everybody read and list, or nobody but who has rights. */
  async setPublic(name: string, isPublic: boolean, options: Options = {}): Promise<void> {
    await this.setAcl(name, { read: isPublic ? PUBLIC_READ : '' }, options);
  }

  /** Bounds of a container; undefined removes a bound. */
  async setQuota(
    name: string,
    quota: { readonly bytes?: number | undefined; readonly count?: number | undefined },
    options: Options = {},
  ): Promise<void> {
    const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
    const headers = [
      'x-container-meta-quota-bytes',
      text(quota.bytes),
      'x-container-meta-quota-count',
      text(quota.count),
    ];
    await this.#post(name, headers, options);
  }

  /**
   * The older kind of versions: what is overwritten goes to another container. `restore`: a delete brings the version before back;
   * `keep`: a delete keeps the object there too. Undefined ends it.
   */
  async setVersionsLocation(
    name: string,
    location: { readonly container: string; readonly onDelete: 'restore' | 'keep' } | undefined,
    options: Options = {},
  ): Promise<void> {
    const header = location?.onDelete === 'keep' ? 'x-history-location' : 'x-versions-location';
    const headers =
      location === undefined
        ? ['x-remove-versions-location', 'x', 'x-remove-history-location', 'x']
        : [header, containerPath(location.container).slice(1)];
    await this.#post(name, headers, options);
  }

  /** Index, error suffix and listings of the static web site; an empty text removes one. */
  async setWebsite(
    name: string,
    site: {
      readonly index?: string;
      readonly error?: string;
      readonly listings?: boolean;
      readonly listingsCss?: string;
      readonly listingsLabel?: string;
      readonly directoryType?: string;
    },
    options: Options = {},
  ): Promise<void> {
    const { index, error, listings, listingsCss, listingsLabel, directoryType } = site;
    const values = {
      index,
      error,
      listings: listings?.toString(),
      'listings-css': listingsCss,
      'listings-label': listingsLabel,
      'directory-type': directoryType,
    };
    const headers = Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [`x-container-meta-web-${key}`, metadataText(value)],
    );
    await this.#post(name, headers, options);
  }

  async #post(container: string, headers: string[], options: Options): Promise<void> {
    await this.#wire.send(containerCall('POST', container, '', headers), context(options));
  }
}
