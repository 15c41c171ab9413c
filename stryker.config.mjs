/** Mutation testing. `npm run mutation` chooses the modules and runs it. */
export default {
  plugins: ['@stryker-mutator/jest-runner', './test/proofs/unmatched-text.mjs'],
  ignorers: ['unmatched-text'],
  testRunner: 'jest',
  jest: {
    config: {
      // Jest finds a mutant's tests by following the imports; the emulator and the lab run built files, which hold no mutants.
      roots: [
        '<rootDir>/src',
        '<rootDir>/tools',
        '<rootDir>/lab',
        '<rootDir>/test/assets',
        '<rootDir>/test/functions',
        '<rootDir>/test/tools/live',
        '<rootDir>/test/lab/decisions',
      ],
      // The tests to run, separated by commas; all unless given.
      testMatch: process.env.MUTATION_TESTS
        ? process.env.MUTATION_TESTS.split(',').map((test) => `<rootDir>/${test}`)
        : ['**/*.test.ts'],
      globalSetup: null,
      testTimeout: 5000,
    },
  },
  // TypeScript 7 has no API with which Stryker could rewrite a tsconfig, and swc reads none.
  tsconfigFile: 'none',
  ignorePatterns: ['.tmp', 'dist', 'docs'],
  coverageAnalysis: 'perTest',
  thresholds: { high: 100, low: 100, break: 100 },
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  allowConsoleColors: false,
  // Each test file leaves an AsyncLocalStorage of Jest's behind, and before Node 24 every promise pays for all of them.
  maxTestRunnerReuse: 50,
  // Longer than a test may take, so that on a busy machine a slow run is not taken for a caught mutant.
  timeoutMS: 15_000,
  // More than cores: what breaks a request mostly waits.
  concurrency: 4,
};
