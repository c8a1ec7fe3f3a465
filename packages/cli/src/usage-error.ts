/** What was typed cannot be done as it stands; nothing was tried. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
