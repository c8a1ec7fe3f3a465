import { checkOptions } from '../call/option-checks.js';
import type { CallOptions } from '../call/scope.js';
import { CALL_ONLY_CHECKS, NO_OPTIONS, WEBSITE_CHECKS, type WebsiteOptions } from './options.js';
import { need, type Session } from './session.js';

/** Makes the provider serve the container as a website. Throws `unsupported` where it has none. */
export async function enableWebsite(session: Session, container: string, options: WebsiteOptions): Promise<void> {
  const operation = 'enableWebsite';
  const group = need(session, session.driver.website, operation, 'websites');
  checkOptions(operation, options, WEBSITE_CHECKS);
  const { signal, timeoutMs, ...site } = options;
  session.validator.key(site.indexKey);
  if (site.errorKey !== undefined) session.validator.key(site.errorKey);
  const subject = { operation, container, changes: true };
  await session.caller.run(subject, { signal, timeoutMs }, (ctx) => group.enable(container, site, ctx));
}

/** Ends what `enableWebsite` began. */
export async function disableWebsite(session: Session, container: string, options: CallOptions): Promise<void> {
  const operation = 'disableWebsite';
  const group = need(session, session.driver.website, operation, 'websites');
  if (options !== NO_OPTIONS) checkOptions(operation, options, CALL_ONLY_CHECKS);
  const subject = { operation, container, changes: true };
  await session.caller.run(subject, options, (ctx) => group.disable(container, ctx));
}
