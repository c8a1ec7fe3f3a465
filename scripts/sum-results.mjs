/**
 * Adds up the runners' JSON reports and prints `N passed, N failed`, with `, N skipped` when some were. Fails when a test failed,
 * when a file could not be run, or when nothing ran.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, stateFolder } from './lib/workspace.mjs';

/**
 * @typedef {{ status: string }} Assertion
 * @typedef {{ name: string, status: string, assertionResults: Assertion[] }} FileResult
 * @typedef {{ success: boolean, numPassedTests: number, numFailedTests: number, numPendingTests: number,
 *   numTodoTests: number, testResults: FileResult[] }} Report
 */

/** A file that failed without a failed test (it did not load, or a hook threw) counts as one failure. @param {FileResult} file */
function brokeOutsideTests(file) {
  return file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed');
}

/** @param {readonly Report[]} reports */
export function sumReports(reports) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const report of reports) {
    sum.passed += report.numPassedTests;
    sum.failed += report.numFailedTests + report.testResults.filter(brokeOutsideTests).length;
    sum.skipped += report.numPendingTests + report.numTodoTests;
  }
  return { ...sum, ok: sum.failed === 0 && sum.passed > 0 && reports.every(({ success }) => success) };
}

/** @param {{ passed: number, failed: number, skipped: number }} sum */
export function formatSum({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function main() {
  const folder = join(stateFolder, 'results');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const sum = sumReports(files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))));
  console.log(formatSum(sum));
  process.exitCode = sum.ok ? 0 : 1;
}

if (isMain(import.meta.url)) main();
