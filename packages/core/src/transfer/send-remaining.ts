import { createDigest } from '../checksum/digest.js';
import { StorageError } from '../errors/storage-error.js';
import type { PartRecord } from '../spi/groups.js';
import type { ProviderOptions } from '../spi/requests.js';
import { sizeMismatch } from './body.js';
import { eachChunk, PartReader } from './part-reader.js';
import type { PartsPlan } from './plan.js';
import { type ProgressListener, ProgressMeter } from './progress.js';
import { type KeptPart, type ReceivedParts, RemainingParts } from './received-parts.js';
import type { Source } from './source.js';
import type { TransferContext } from './transfer-context.js';
import type { UploadOptions, UploadResult } from './upload-options.js';
import { choosePartDigests, completeUpload, groupOf, sendParts, settleParts } from './upload-parts.js';
import type { UploadTicket } from './upload-token.js';
import type { VerifyMode } from './verify.js';
import { WholeDigests } from './whole-digest.js';

/** An upload of which the store has a part, and the source of the rest. */
export interface RemainingInput {
  readonly to: TransferContext;
  readonly ticket: UploadTicket;
  readonly provider: ProviderOptions | undefined;
  readonly plan: PartsPlan;
  readonly received: ReceivedParts;
  readonly source: Source;
  readonly verify: VerifyMode | undefined;
  readonly onProgress: ProgressListener | undefined;
  readonly signal: AbortSignal;
}

/** Sends the parts that the store does not have, and completes the object. */
export async function sendRemaining(input: RemainingInput): Promise<UploadResult> {
  const { to, ticket, provider, plan, received, source, verify, signal } = input;
  const { ref } = ticket.upload;
  const size = sizeOf(input);
  const options: UploadOptions = { ...ticket.attributes, provider, checksum: ticket.checksum, verify };
  const digests = choosePartDigests(to.driver.capabilities, options);
  // Of parts that are not read there may be no digest to put the user's own together from.
  const whole = new WholeDigests(digests.whole, ticket.checksum ? undefined : digests.part);
  const meter = new ProgressMeter(input.onProgress, size, to.host);
  const kept: KeptPart[] = [];
  const keep = (part: KeptPart): void => {
    kept.push(part);
    meter.add(part.size);
  };
  const isSequential = to.driver.capabilities.parts?.sequential ?? false;
  const goesOn = isSequential || !source.replayable;
  if (goesOn) {
    for (const part of await checkBefore(input, whole)) keep(part);
  }
  const from = goesOn ? { number: received.next, offset: received.bytes } : undefined;
  const reader = new PartReader({ source, plan, size, partAlgorithm: digests.part, whole, from });
  const mustRead = whole.needsBytes || !source.replayable;
  const known = isSequential ? new Map<number, PartRecord>() : received.records;
  const remaining = new RemainingParts(reader, known, { mustRead, onKept: keep });
  const job = { to, ref, group: groupOf(to.driver), plan, reader: remaining, whole, options, signal, meter };
  const sent = await sendParts(job, ticket.upload);
  return settleParts(to, ref, await completeUpload(job, ticket.upload, [...kept, ...sent]));
}

/** The size of the whole body. Throws `invalid-argument` when the source's own is another. */
function sizeOf({ ticket: { size }, source }: RemainingInput): number | undefined {
  const own = source.size;
  if (own !== undefined && size !== undefined && own !== size) throw sizeMismatch(String(own), size);
  return size ?? own;
}

/**
 * Accounts for the parts before the first byte that is sent. Where the source has their bytes too, they are compared with what the
 * store reports. Throws `checksum-mismatch` when the source is another one than that which the upload was begun with.
 */
async function checkBefore({ source, received, ticket }: RemainingInput, whole: WholeDigests): Promise<KeptPart[]> {
  const before = [...received.records.values()].filter(({ number }) => number < received.next);
  if (!source.replayable) {
    if (before.length > 0 && ticket.checksum) throw needsWhole();
    if (before.length > 0) whole.missBytes();
    return before.map((part) => ({ ...part, verified: 'none' }));
  }
  const kept: KeptPart[] = [];
  let start = 0;
  for (const part of before) {
    kept.push(await checkPart(source, start, part, whole));
    start += part.size;
  }
  return kept;
}

async function checkPart(source: Source, start: number, part: PartRecord, whole: WholeDigests): Promise<KeptPart> {
  const { size, checksum } = part;
  const digest = checksum && createDigest(checksum.algorithm);
  if (digest || whole.needsBytes) {
    await eachChunk(source.read(start, start + size), (chunk) => {
      whole.update(chunk);
      digest?.update(chunk);
    });
  }
  whole.missPart();
  if (digest && digest.hex() !== checksum.value) throw otherSource(part.number);
  return { ...part, verified: digest ? 'client' : 'none' };
}

function needsWhole(): StorageError {
  const message = 'The "checksum" of the whole needs all bytes: go on with a file, a Blob or bytes, not with a stream.';
  return new StorageError('invalid-argument', message);
}

function otherSource(number: number): StorageError {
  const message = `Part ${number} of the upload has other bytes than this source; abort the upload and begin anew.`;
  return new StorageError('checksum-mismatch', message);
}
