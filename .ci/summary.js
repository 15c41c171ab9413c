// Prints "N passed, M failed" from jest's reports; fails when a test failed, or when a run had none.
const { existsSync, readFileSync } = require('node:fs');

const reports = process.argv
  .slice(2)
  .map((file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { success: false }));
const sum = (name) => reports.reduce((all, report) => all + (report[name] ?? 0), 0);
const skipped = sum('numPendingTests');

console.log(
  `${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
process.exitCode = reports.every(({ success, numPassedTests }) => success && numPassedTests > 0) ? 0 : 1;
