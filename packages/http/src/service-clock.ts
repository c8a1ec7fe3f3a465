import type { DriverHost } from '@stowage/core/spi';
import { parseHttpDateMs } from './dates.js';
import type { WireResponse } from './wire.js';

/** Clocks further apart than this are a reason to be refused without a word, as an answer to HEAD is. */
const SUSPICIOUS_SKEW_MS = 4 * 60 * 1000;

/** The time by a service's clock, learnt from the `Date` of an answer that refused ours. */
export class ServiceClock {
  readonly #host: Pick<DriverHost, 'nowMs' | 'warn'>;
  #offsetMs = 0;

  constructor(host: Pick<DriverHost, 'nowMs' | 'warn'>) {
    this.#host = host;
  }

  /** Milliseconds since 1970, as far as it is known. */
  nowMs(): number {
    return this.#host.nowMs() + this.#offsetMs;
  }

  /**
   * Takes the time of a refusal and tells what was learnt; undefined when the clocks agree, so that they are not the reason.
   * `isSilent`: the refusal did not say that it was about the time.
   */
  learn(response: WireResponse, isSilent: boolean): string | undefined {
    const serviceMs = parseHttpDateMs(response.header('date'));
    if (serviceMs === undefined) return undefined;
    const offsetMs = serviceMs - this.#host.nowMs();
    const changeMs = Math.abs(offsetMs - this.#offsetMs);
    if (changeMs < (isSilent ? SUSPICIOUS_SKEW_MS : 1000)) return undefined;
    const isFirst = this.#offsetMs === 0;
    this.#offsetMs = offsetMs;
    const minutes = Math.round(Math.abs(offsetMs) / 60_000);
    const fact = `The clock of this machine is ${String(minutes)} minutes ${offsetMs < 0 ? 'ahead of' : 'behind'} the service's; set it.`;
    if (isFirst) this.#host.warn(`${fact} Requests are signed with the service's time meanwhile.`);
    return fact;
  }
}
