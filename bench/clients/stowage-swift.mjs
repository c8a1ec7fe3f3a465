/**
 * Stowage's portable API over its driver of OpenStack Swift: an MD5 with every put, compared by the store; length and MD5 verified on
 * every get. One login before the first request.
 */
import { openStorage } from '@stowage/core';
import { portable } from './portable.mjs';

/** @param {import('../src/rounds.mjs').Target} target */
export function open({ endpoint, bucket, accessKeyId, secretAccessKey }) {
  const authUrl = `${endpoint}/auth/v1.0`;
  const settings = { type: 'swift', authUrl, authVersion: '1.0', user: accessKeyId, key: secretAccessKey };
  return portable(openStorage(settings, { resolveFrom: import.meta.url }), bucket);
}
