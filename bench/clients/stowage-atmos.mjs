/**
 * Stowage's portable API over its driver of EMC Atmos: an MD5 with every put, compared by the store; length and MD5 verified on every
 * get. A minute's first put looks whether the container is there; a delete tries to take an empty folder along.
 */
import { openStorage } from '@stowage/core';
import { portable } from './portable.mjs';

/** @param {import('../src/rounds.mjs').Target} target */
export function open({ endpoint, bucket, secretAccessKey }) {
  const key = Buffer.from(secretAccessKey).toString('base64');
  const settings = { type: 'atmos', endpoint, user: '6039ac182f194e15b9261d73ce044939/user1', key };
  return portable(openStorage(settings, { resolveFrom: import.meta.url }), bucket);
}
