// Prints "N passed, N failed" from jest's report; fails when a test failed or none ran.
const { readFileSync } = require('node:fs');

const text = readFileSync(process.argv[2], 'utf8');
const report = text === '' ? {} : JSON.parse(text);
const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = report;

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = report.success && passed > 0 ? 0 : 1;
