import type { SwiftWire } from './client.js';
import type { Discovery } from './info.js';
import type { LargeObjects } from './large-objects.js';
import type { OpenStackOptions } from './options.js';
import type { ServiceFacts } from './service.js';
import type { TempUrlKey } from './temp-url-key.js';

/** What every group of the driver works with. */
export interface SwiftService {
  readonly wire: SwiftWire;
  readonly options: OpenStackOptions;
  readonly facts: ServiceFacts;
  readonly discovery: Discovery;
  readonly largeObjects: LargeObjects;
  readonly tempUrlKey: TempUrlKey;
}
