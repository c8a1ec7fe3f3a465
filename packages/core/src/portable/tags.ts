import { checkOptions } from '../call/option-checks.js';
import type { CallOptions } from '../call/scope.js';
import type { ObjectRef } from '../spi/records.js';
import { CALL_ONLY_CHECKS, NO_OPTIONS, TAGS_CHECKS } from './options.js';
import { need, type Session } from './session.js';

/** Reads an object's tags. Throws `unsupported` where the store has none that can be read alone. */
export async function readTags(
  session: Session,
  ref: ObjectRef,
  options: CallOptions,
): Promise<Readonly<Record<string, string>>> {
  const operation = 'getTags';
  const group = need(session, session.driver.tags, operation, 'tags');
  if (options !== NO_OPTIONS) checkOptions(operation, options, CALL_ONLY_CHECKS);
  const subject = { operation, container: ref.container, key: ref.key };
  return session.caller.run(subject, options, (ctx) => group.read(ref, ctx));
}

/** Replaces all tags of an object. */
export async function replaceTags(
  session: Session,
  ref: ObjectRef,
  tags: Readonly<Record<string, string>>,
  options: CallOptions,
): Promise<void> {
  const operation = 'setTags';
  const group = need(session, session.driver.tags, operation, 'tags');
  checkOptions(operation, { tags }, TAGS_CHECKS);
  if (options !== NO_OPTIONS) checkOptions(operation, options, CALL_ONLY_CHECKS);
  const subject = { operation, container: ref.container, key: ref.key, changes: true };
  await session.caller.run(subject, options, (ctx) => group.replace(ref, tags, ctx));
}
