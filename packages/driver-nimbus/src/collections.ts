import { type CallContext, StorageError } from '@stowage/core/spi';
import { collectionCall } from './requests.js';
import type { NimbusService } from './service.js';
import { readContainer } from './wire.js';

/** Who may use a collection without a signature: what the developer's guide calls its access control. */
export interface AccessControl {
  readonly version: '1.0';
  readonly allow_unauth_read?: boolean;
  readonly allow_unauth_write?: boolean;
  readonly allow_unauth_list?: boolean;
  readonly allow_unauth_delete?: boolean;
  /** Binds also who signs: only these networks, such as `10.0.0.0/8`, may use the collection. */
  readonly ipv4_whitelist?: readonly string[];
  /** Binds also who signs: only requests with a `Referer` that begins so are let in, and this driver sends none. */
  readonly unauth_referrer_whitelist?: readonly string[];
  readonly locations?: readonly (Readonly<Record<string, boolean | string>> &
    ({ readonly prefix: string } | { readonly regexp: string }))[];
}

/** What was done with a collection on one day. */
export interface DayUsage {
  /** Such as `2013-01-02`. */
  readonly day: string;
  readonly retrieved: number;
  readonly archived: number;
  readonly listed: number;
  readonly deleted: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What is Nimbus.io's alone: `await storage.sdk()`. */
export interface NimbusCollections {
  /** The collection that every user has and that cannot be deleted. */
  readonly defaultCollection: string;
  /** Undefined where only who signs is let in. */
  accessControl(collection: string, signal?: AbortSignal): Promise<AccessControl | undefined>;
  /** Undefined lets only in who signs. Data servers may heed it as late as a day after. Throws `invalid-argument`. */
  setAccessControl(collection: string, control: AccessControl | undefined, signal?: AbortSignal): Promise<void>;
  /** Of at least as many days as are asked for, the oldest first. The server does not tell how much is stored. */
  spaceUsage(collection: string, options?: { days?: number; signal?: AbortSignal }): Promise<readonly DayUsage[]>;
}

export function nimbusCollections({ client }: NimbusService): NimbusCollections {
  const { user } = client.identity;
  const ctxOf = (signal: AbortSignal | undefined): CallContext => ({ attempt: 1, signal });
  return {
    defaultCollection: `dd-${user}`,
    async accessControl(collection, signal) {
      const { extra } = await client.ask(collectionCall('GET', user, collection), ctxOf(signal), readContainer);
      return extra?.['accessControl'] as AccessControl | undefined;
    },
    async setAccessControl(collection, control, signal) {
      const call = collectionCall('PUT', user, collection, '?access_control=update');
      if (control) refuseNulls(control);
      const document = control && {
        headers: ['content-type', 'application/json'],
        body: Buffer.from(JSON.stringify(control)),
      };
      await client.send({ ...call, ...document }, ctxOf(signal));
    },
    async spaceUsage(collection, { days, signal } = {}) {
      const history = days === undefined ? '' : `&days_of_history=${String(days)}`;
      if (days !== undefined && !(Number.isSafeInteger(days) && days > 0))
        throw new StorageError('invalid-argument', '"days" must be a whole number from 1 on.');
      const call = collectionCall('GET', user, collection, `?action=space_usage${history}`);
      return client.ask(call, ctxOf(signal), readUsage);
    },
  };
}

/** The server takes them, and refuses every later request with 400. */
function refuseNulls(control: AccessControl): void {
  const name = Object.entries(control).find(([, value]) => (value as unknown) === null)?.[0];
  if (name !== undefined) throw new StorageError('invalid-argument', `"${name}" must not be null; leave it out.`);
}

function readUsage(bytes: Buffer): DayUsage[] {
  const { operational_stats: days } = JSON.parse(bytes.toString()) as { operational_stats: Record<string, unknown>[] };
  const usage = days.map((row) => ({
    day: String(row['day']),
    retrieved: Number(row['retrieve_success']),
    archived: Number(row['archive_success']),
    listed: Number(row['listmatch_success']),
    deleted: Number(row['delete_success']),
    bytesIn: Number(row['success_bytes_in']),
    bytesOut: Number(row['success_bytes_out']),
  }));
  return usage.sort((a, b) => (a.day < b.day ? -1 : 1));
}
