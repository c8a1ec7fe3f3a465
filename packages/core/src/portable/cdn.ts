import { checkOptions } from '../call/option-checks.js';
import type { CallOptions } from '../call/scope.js';
import type { CallContext } from '../spi/context.js';
import type { CdnGroup } from '../spi/groups.js';
import type { ObjectRef } from '../spi/records.js';
import { CALL_ONLY_CHECKS, CDN_CHECKS, type CdnOptions, NO_OPTIONS } from './options.js';
import { need, type Session } from './session.js';

export async function cdnUrlOfObject(session: Session, ref: ObjectRef, options: CallOptions): Promise<string> {
  return call(session, 'objectUrl', 'getCdnUrl', options, ref, (url, ctx) => url(ref, ctx));
}

export async function cdnUrlOfContainer(session: Session, container: string, options: CallOptions): Promise<string> {
  return call(session, 'containerUrl', 'getCdnUrl', options, { container }, (url, ctx) => url(container, ctx));
}

export async function enableObjectCdn(session: Session, ref: ObjectRef, options: CallOptions): Promise<void> {
  await call(session, 'enableObject', 'enableCdn', options, ref, (enable, ctx) => enable(ref, ctx));
}

export async function enableContainerCdn(session: Session, container: string, options: CdnOptions): Promise<void> {
  if (options !== NO_OPTIONS) checkOptions('enableCdn', options, CDN_CHECKS);
  const { ttlSeconds, ...rest } = options;
  const request = { ttlSeconds };
  await call(session, 'enableContainer', 'enableCdn', rest, { container }, (enable, ctx) =>
    enable(container, request, ctx),
  );
}

export async function disableContainerCdn(session: Session, container: string, options: CallOptions): Promise<void> {
  await call(session, 'disableContainer', 'disableCdn', options, { container }, (disable, ctx) =>
    disable(container, ctx),
  );
}

export async function purgeCdn(
  session: Session,
  target: { readonly container: string; readonly key?: string },
  options: CallOptions,
): Promise<void> {
  await call(session, 'purge', 'purgeCdn', options, target, (purge, ctx) => purge(target, ctx));
}

type CdnMethod<N extends keyof CdnGroup> = NonNullable<CdnGroup[N]>;

/** Makes one CDN call. Throws `unsupported` where the provider has none of the kind. */
async function call<N extends keyof CdnGroup, T>(
  session: Session,
  name: N,
  operation: string,
  options: CallOptions,
  where: { readonly container: string; readonly key?: string | undefined },
  attempt: (method: CdnMethod<N>, ctx: CallContext) => Promise<T>,
): Promise<T> {
  const { cdn } = session.driver;
  const method = need(session, cdn?.[name], operation, 'such CDN call') as CdnMethod<N>;
  if (options !== NO_OPTIONS) checkOptions(operation, options, CALL_ONLY_CHECKS);
  const subject = { operation, container: where.container, key: where.key, changes: operation !== 'getCdnUrl' };
  return session.caller.run(subject, options, (ctx) => attempt(method.bind(cdn) as CdnMethod<N>, ctx));
}
