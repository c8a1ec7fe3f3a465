/** One stored object. */
export interface Entry {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modifiedAtMs: number;
  readonly contentType: string | undefined;
}

/** The example's store, in the memory of this process. It stands for your service: put requests to it in its place. */
export class PocketStore {
  readonly containers = new Map<string, Map<string, Entry>>();
}
