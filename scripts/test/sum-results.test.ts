import { describe, expect, it } from 'vitest';
import { formatSum, sumReports } from '../sum-results.mjs';

function reportOf(counts: { passed?: number; failed?: number; skipped?: number }, brokenFiles = 0) {
  const { passed = 0, failed = 0, skipped = 0 } = counts;
  const failedFile = { name: 'a', status: 'failed', assertionResults: [{ status: 'failed' }] };
  const brokenFile = { name: 'b', status: 'failed', assertionResults: [] };
  return {
    success: failed === 0 && brokenFiles === 0,
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: 0,
    testResults: [
      ...Array<typeof failedFile>(failed > 0 ? 1 : 0).fill(failedFile),
      ...Array(brokenFiles).fill(brokenFile),
    ],
  };
}

describe('sumReports', () => {
  it('adds up the runs', () => {
    const sum = sumReports([reportOf({ passed: 10 }), reportOf({ passed: 12, skipped: 2 })]);
    expect(sum).toEqual({ passed: 22, failed: 0, skipped: 2, ok: true });
    expect(formatSum(sum)).toBe('22 passed, 0 failed, 2 skipped');
  });

  it('says nothing of skipped tests when there are none', () => {
    expect(formatSum({ passed: 3, failed: 1, skipped: 0 })).toBe('3 passed, 1 failed');
  });

  it('fails when a test failed', () => {
    expect(sumReports([reportOf({ passed: 1, failed: 2 })])).toMatchObject({ failed: 2, ok: false });
  });

  it('counts a file that could not be loaded as a failure', () => {
    expect(sumReports([reportOf({ passed: 1 }, 1)])).toMatchObject({ passed: 1, failed: 1, ok: false });
  });

  it('fails when nothing ran', () => {
    expect(sumReports([])).toMatchObject({ passed: 0, ok: false });
    expect(sumReports([reportOf({ skipped: 5 })])).toMatchObject({ passed: 0, ok: false });
  });

  it('fails when a runner says so, whatever its counts', () => {
    expect(sumReports([{ ...reportOf({ passed: 5 }), success: false }])).toMatchObject({ failed: 0, ok: false });
  });
});
