import type { Reconcile } from '../call/caller.js';
import type { ObjectRef } from '../spi/records.js';
import type { PutResult, WriteConditions } from '../spi/requests.js';
import type { TransferContext } from './transfer-context.js';
import { type SentBody, verifyStored } from './verify.js';

/**
 * Decides what became of a create-only put that found an object after an attempt whose answer was lost: it was that attempt when
 * the object has a digest that the store reports and the body has too. Undefined for other puts: see docs/decisions/0004.
 */
export function wasStored(
  { driver }: TransferContext,
  ref: ObjectRef,
  { ifNoneMatch }: WriteConditions,
  sentBody: () => SentBody,
): Reconcile<PutResult> | undefined {
  if (ifNoneMatch === undefined) return undefined;
  return async (refusal, ctx) => {
    if (refusal.code !== 'object-exists') return undefined;
    const record = await driver.stat(ref, {}, ctx);
    const isOurs = verifyStored(record, sentBody(), false) === 'client';
    return isOurs ? { value: { record, verified: 'none' } } : undefined;
  };
}
