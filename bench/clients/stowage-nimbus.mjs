/**
 * Stowage's portable API over its driver of Nimbus.io: an MD5 with every put, compared by the store; size and CRC32 verified on every
 * get, for which the metadata are read beside the bytes.
 */
import { openStorage } from '@stowage/core';
import { portable } from './portable.mjs';

/** @param {import('../src/rounds.mjs').Target} target */
export function open({ endpoint, bucket, secretAccessKey }) {
  const settings = { type: 'nimbus', endpoint, user: 'alice', key: secretAccessKey, keyId: '5001' };
  return portable(openStorage(settings, { resolveFrom: import.meta.url }), bucket);
}
