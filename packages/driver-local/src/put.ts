import {
  type CallContext,
  type ObjectRef,
  type PutBody,
  type PutRequest,
  type PutResult,
  type WriteConditions,
} from '@stowage/core/spi';
import { fstatSync } from 'node:fs';
import { closeFile, removeFile } from './calls.js';
import { aborted } from './errors.js';
import { type Facts, pickAttributes, toRecord } from './facts.js';
import { Slot, stagedArrival } from './slot.js';
import { discardStaged, openStaged, seal, type StagedFile, writeBody } from './staging.js';
import type { LocalStore } from './store.js';

/** Writes an object: beside its place first, then into it in one step. */
export async function putObject(
  store: LocalStore,
  ref: ObjectRef,
  body: PutBody,
  request: PutRequest,
  ctx: CallContext,
): Promise<PutResult> {
  return await writeThrough(store, ref, request, ctx, async () => {
    const staged = await openStaged(store, ref.container, ref.key);
    try {
      const { checksums } = await writeBody(staged.fd, 0, body, request.checksum, ctx.signal);
      const facts = { attributes: pickAttributes(request), checksums };
      return { staged, facts, verified: request.checksum ? 'service' : 'none' };
    } catch (error) {
      await discardStaged(staged);
      throw error;
    }
  });
}

/** A staged file whose bytes are complete, and what is to be kept with it. */
export interface Stage {
  readonly staged: StagedFile;
  readonly facts: Facts;
  readonly verified: PutResult['verified'];
}

/** Makes what `stage` gives the object of a key. Leaves nothing behind when anything fails. */
export async function writeThrough(
  store: LocalStore,
  ref: ObjectRef,
  conditions: WriteConditions,
  ctx: CallContext,
  stage: () => Promise<Stage>,
): Promise<PutResult> {
  await store.ready();
  const slot = await Slot.open(store, ref, ctx);
  try {
    await slot.check(conditions);
    const { staged, facts, verified } = await stage();
    try {
      const { record } = await publish(store, ref, slot, staged, facts, conditions, ctx);
      await closeFile(staged.fd);
      return { record, verified };
    } catch (error) {
      await discardStaged(staged);
      throw error;
    }
  } finally {
    await slot.close();
  }
}

/** Makes a staged file, whose bytes are complete, the object of its key. The file stays open. */
export async function publish(
  store: LocalStore,
  ref: ObjectRef,
  slot: Slot,
  staged: StagedFile,
  facts: Facts,
  conditions: WriteConditions,
  ctx: CallContext,
): Promise<Pick<PutResult, 'record'>> {
  const sealed = await seal(store, ref.container, ref.key, staged, facts);
  const stats = fstatSync(staged.fd, { bigint: true });
  try {
    if (ctx.signal?.aborted) throw aborted(ctx.signal);
    await slot.fill(stagedArrival(staged.path), conditions, ctx);
  } catch (error) {
    if (!slot.isFilled) await removeFile(sealed.factsPath).catch(() => undefined);
    throw error;
  }
  return { record: toRecord(ref.key, stats, facts) };
}
