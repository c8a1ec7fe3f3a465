/**
 * Stowage's portable API over its driver of Google Cloud Storage, with an HMAC key: a CRC-32C with every put, compared by the store;
 * length and CRC-32C verified on every get.
 */
import { openStorage } from '@stowage/core';
import { portable } from './portable.mjs';

/** @param {import('../src/rounds.mjs').Target} target @param {Readonly<Record<string, unknown>>} credentials */
export function openWith({ endpoint, bucket }, credentials) {
  return portable(openStorage({ type: 'gcs', endpoint, ...credentials }, { resolveFrom: import.meta.url }), bucket);
}

/** @param {import('../src/rounds.mjs').Target} target */
export function open(target) {
  return openWith(target, { user: target.accessKeyId, key: target.secretAccessKey });
}
