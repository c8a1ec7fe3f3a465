import { type CallContext, StorageError } from '@stowage/core/spi';
import type { SwiftWire } from './client.js';
import { type Discovery, digestsOf } from './info.js';
import { type OpenStackOptions, refuse } from './options.js';
import { accountCall } from './requests.js';
import type { ServiceFacts } from './service.js';
import type { TempUrlDigest } from './temp-url.js';

/** How long the account's key is believed to be the same. */
const BELIEVED_MS = 10 * 60 * 1000;
const BEST_FIRST: readonly TempUrlDigest[] = ['sha256', 'sha512', 'sha1'];

/** The key that signs addresses, and the digest that goes with it. */
export class TempUrlKey {
  readonly #wire: SwiftWire;
  readonly #discovery: Discovery;
  readonly #options: OpenStackOptions;
  readonly #facts: ServiceFacts;
  #read: { readonly key: Promise<string>; readonly untilMs: number } | undefined;

  constructor(wire: SwiftWire, discovery: Discovery, options: OpenStackOptions, facts: ServiceFacts) {
    this.#wire = wire;
    this.#discovery = discovery;
    this.#options = options;
    this.#facts = facts;
  }

  /** The configured key, or the one that the account has. Throws `invalid-argument` where it has none. */
  async key(ctx: CallContext): Promise<string> {
    const { tempUrlKey } = this.#options;
    if (tempUrlKey !== undefined) return tempUrlKey;
    const nowMs = this.#wire.host.nowMs();
    if (this.#read === undefined || nowMs >= this.#read.untilMs) {
      const key = this.#ask(ctx);
      key.catch(() => this.forget());
      this.#read = { key, untilMs: nowMs + BELIEVED_MS };
    }
    return this.#read.key;
  }

  /** Asks the account again, after its key was changed. */
  forget(): void {
    this.#read = undefined;
  }

  async #ask(ctx: CallContext): Promise<string> {
    const response = await this.#wire.send(accountCall('HEAD'), ctx);
    const key = response.header('x-account-meta-temp-url-key') ?? response.header('x-account-meta-temp-url-key-2');
    if (key !== undefined && key !== '') return key;
    return refuse(
      'The account has no key that signs addresses, or does not show it to this user. Give "tempUrlKey", or set a key once: (await storage.sdk()).setTempUrlKey("...").',
    );
  }

  /** The best digest that the service takes. Throws `unsupported` where it has no such addresses. */
  async digest(section: 'tempurl' | 'formpost', ctx: CallContext): Promise<TempUrlDigest> {
    const { tempUrlDigest } = this.#options;
    if (tempUrlDigest !== undefined) return tempUrlDigest as TempUrlDigest;
    const info = await this.#discovery.info(ctx);
    if (info !== undefined && !('tempurl' in info) && !('formpost' in info)) {
      const message = 'The service signs no addresses: its "tempurl" middleware is not there.';
      throw new StorageError('unsupported', message, { requestSent: false });
    }
    const allowed = digestsOf(info, section) ?? digestsOf(info, 'tempurl');
    return BEST_FIRST.find((digest) => allowed?.includes(digest)) ?? this.#facts.tempUrlDigest;
  }
}
