/** Ends the command with the exit code of its cause; the person has read what is wrong. */
export class AlreadyTold extends Error {
  override readonly name = 'AlreadyTold';

  constructor(cause: unknown) {
    super('', { cause });
  }
}
