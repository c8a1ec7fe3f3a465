import { describe, it } from 'vitest';

/** Something from outside npm that a live test talks to: a server, or a program that judges our files. */
export interface LiveRequirement {
  readonly name: string;
  /** One line that a person can paste to get it. */
  readonly install: string;
  isPresent(): boolean;
}

/**
 * Declares a suite that needs something from outside npm. Where that is absent the suite is skipped with one line saying how to get
 * it; in CI (`CI` is set) the absence is a failure, since a skipped suite proves nothing.
 */
export function describeLive(title: string, requirement: LiveRequirement, body: () => void): void {
  if (requirement.isPresent()) {
    describe(title, body);
    return;
  }
  const advice = `${requirement.name} is absent; get it with: ${requirement.install}`;
  if (isCi()) {
    describe(title, () => {
      it(`finds ${requirement.name}`, () => {
        throw new Error(advice);
      });
    });
    return;
  }
  console.warn(`skipped "${title}": ${advice}`);
  describe.skip(title, body);
}

function isCi(): boolean {
  const value = process.env['CI'];
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}
