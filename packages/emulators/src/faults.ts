/** What a rule sees of a request. */
export interface RequestSummary {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** The `Host` header: emulators with several ports are told apart by it. */
  readonly host: string;
  /** The protocol's name for the call, such as `PutObject`. */
  readonly operation: string;
  /** Requests that this server has had, this one included. */
  readonly count: number;
}

/** What goes wrong. A fault without `when` strikes every request; `times` limits how often. */
export type Fault =
  /** Answers at once with this status, without doing the work. */
  | { readonly kind: 'status'; readonly status: number; readonly code?: string; readonly retryAfterSeconds?: number }
  /** Does the work after so many milliseconds. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Closes the connection: before any work, after the work but before any answer, or in the middle of the answer's body. */
  | { readonly kind: 'reset'; readonly at: 'before-work' | 'after-work' | 'mid-body' }
  /** Never answers; the connection stays open. */
  | { readonly kind: 'hang'; readonly at: 'before-headers' | 'mid-body' }
  /** Announces the whole body and ends the connection after this many bytes. */
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  /**
   * Resets the connection once this many bytes of the request's body have come. Of a part of a body nothing is kept, except where
   * the protocol says so, as Google's resumable uploads do.
   */
  | { readonly kind: 'cut-request'; readonly afterBytes: number }
  /** Flips one bit of the answer's body. */
  | { readonly kind: 'corrupt' }
  /** Answers 200 and then sends an error document as the body, as S3 may for slow calls. */
  | { readonly kind: 'error-in-body'; readonly code: string };

export interface FaultRule {
  readonly fault: Fault;
  readonly when?: (request: RequestSummary) => boolean;
  /** How often the rule strikes before it is spent; always when missing. */
  readonly times?: number;
}

/** An ordered list of faults; the first rule that matches a request strikes. */
export class FaultPlan {
  #rules: { readonly rule: FaultRule; left: number }[] = [];

  add(rule: FaultRule): this {
    this.#rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
    return this;
  }

  clear(): void {
    this.#rules = [];
  }

  take(request: RequestSummary): Fault | undefined {
    const struck = this.#rules.find(({ rule, left }) => left > 0 && (rule.when?.(request) ?? true));
    if (!struck) return undefined;
    struck.left -= 1;
    return struck.rule.fault;
  }
}
