import { createDigest, digestOf } from '../checksum/digest.js';
import type { Capabilities } from '../spi/capabilities.js';
import type { Checksum, ChecksumAlgorithm } from '../spi/checksums.js';
import type { ObjectRef } from '../spi/records.js';
import type { CallContext } from '../spi/context.js';
import type { PutResult } from '../spi/requests.js';
import { abortable } from './abortable.js';
import { wasStored } from './lost-answer.js';
import { BytesBody, SourceBody } from './body.js';
import { eachChunk } from './part-reader.js';
import { ProgressMeter } from './progress.js';
import type { Source } from './source.js';
import { bodySubject, type TransferContext } from './transfer-context.js';
import { putRequest, type UploadOptions, type UploadResult } from './upload-options.js';
import { settle } from './upload-settle.js';
import { checkGiven, type SentBody } from './verify.js';

const NO_DIGESTS = {};

/** The path of small bodies: nothing beside the driver's own call but the digest that the store compares. */
export async function putBytes(
  to: TransferContext,
  ref: ObjectRef,
  bytes: Buffer,
  options: UploadOptions,
  known?: Checksum,
): Promise<UploadResult> {
  const { driver, caller, host } = to;
  const checksum = checksumOf(driver.capabilities.checksums.upload, bytes, options, known);
  const body = new BytesBody(bytes);
  const request = putRequest(options, checksum);
  const subject = bodySubject('put', ref, true);
  const sent: SentBody = {
    size: bytes.length,
    digests: checksum ? { [checksum.algorithm]: checksum.value } : NO_DIGESTS,
    bytes: options.verify === 'never' ? undefined : bytes,
  };
  const result = await caller.run(
    subject,
    options,
    (ctx) => driver.put(ref, body, request, ctx),
    wasStored(to, ref, options, () => ({ size: sent.size, digests: sent.digests, bytes })),
  );
  if (options.onProgress) new ProgressMeter(options.onProgress, bytes.length, host).finish(bytes.length);
  return settle(to, ref, result, sent);
}

/** The digest to send with bytes: the one that the user gave, where the store compares it, or else the store's favourite. */
function checksumOf(
  compared: readonly ChecksumAlgorithm[],
  bytes: Buffer,
  { checksum: given, verify }: UploadOptions,
  known: Checksum | undefined,
): Checksum | undefined {
  if (given) {
    checkGiven(given, digestOf(given.algorithm, bytes));
    if (compared.includes(given.algorithm)) return given;
  }
  const algorithm = verify === 'never' ? undefined : compared[0];
  if (algorithm === undefined || algorithm === known?.algorithm) return algorithm && known;
  return { algorithm, value: digestOf(algorithm, bytes) };
}

/** One put whose body is read while it is sent. */
export async function putStream(
  to: TransferContext,
  ref: ObjectRef,
  source: Source,
  options: UploadOptions,
): Promise<UploadResult> {
  const { driver, caller, host } = to;
  const { put, checksums } = driver.capabilities;
  const { checksum: given } = options;
  const ahead = await digestAhead(checksums, source, options);
  const digests = digestsOnTheWay(checksums.reported, ahead, options);
  const meter = new ProgressMeter(options.onProgress, source.size, host);
  const body = new SourceBody(source, { size: source.size, maxBytes: put.maxBytes, digests, given, meter });
  const request = putRequest(options, ahead);
  const subject = {
    ...bodySubject('put', ref, true),
    get replayable() {
      return body.replayable;
    },
  };
  const sent = (): SentBody => {
    const { size, digests: computed } = body.sent;
    return { size, digests: ahead ? { ...computed, [ahead.algorithm]: ahead.value } : computed };
  };
  const attempt = async (ctx: CallContext): Promise<PutResult> => {
    try {
      return await driver.put(ref, body, request, ctx);
    } catch (error) {
      // Whatever the driver made of it: the body itself failed first.
      throw body.failure ?? error;
    } finally {
      body.end();
    }
  };
  const result = await caller.run(subject, options, attempt, wasStored(to, ref, options, sent));
  meter.finish(sent().size);
  return settle(to, ref, result, sent());
}

/**
 * The digest that can be sent before the body: the user's, or, where the store reports nothing that could be compared afterwards,
 * that of a source that can be read twice.
 */
async function digestAhead(
  { upload: compared, reported }: Capabilities['checksums'],
  source: Source,
  { checksum: given, verify, signal }: UploadOptions,
): Promise<Checksum | undefined> {
  if (given && compared.includes(given.algorithm)) return given;
  const algorithm = compared[0];
  if (algorithm === undefined || reported.length > 0 || verify === 'never' || !source.replayable) return undefined;
  const digest = createDigest(algorithm);
  const reading = eachChunk(source.read(0), (chunk) => {
    signal?.throwIfAborted();
    digest.update(chunk);
  });
  await abortable(signal, reading);
  return { algorithm, value: digest.hex() };
}

function digestsOnTheWay(
  reported: readonly ChecksumAlgorithm[],
  ahead: Checksum | undefined,
  { checksum: given, verify }: UploadOptions,
): readonly ChecksumAlgorithm[] {
  const own = verify === 'never' || ahead ? undefined : reported[0];
  return [given?.algorithm, own === given?.algorithm ? undefined : own].filter((algorithm) => algorithm !== undefined);
}
