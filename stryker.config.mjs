/** Mutation testing of what is deployed: `npm run mutation`. */
export default {
  mutate: ['src/**/*.ts', '!src/**/*.d.ts'],
  plugins: ['@stryker-mutator/jest-runner', './tools/mutation/asset-names.mjs'],
  ignorers: ['asset-names'],
  testRunner: 'jest',
  jest: {
    config: {
      // Jest finds a mutant's tests by following the imports from src; the emulator and the lab run built files, which hold no mutants.
      roots: ['<rootDir>/src', '<rootDir>/test/assets', '<rootDir>/test/functions'],
      globalSetup: null,
      testTimeout: 3000,
    },
  },
  // TypeScript 7 has no API with which Stryker could rewrite a tsconfig, and swc reads none.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  thresholds: { high: 100, low: 100, break: 100 },
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  allowConsoleColors: false,
  // Each test file leaves an AsyncLocalStorage of Jest's behind, and Node 20 makes every promise pay for all of them.
  maxTestRunnerReuse: 10,
  // Longer than a test may take, so that on a busy machine a slow run is not taken for a caught mutant.
  timeoutMS: 10_000,
  // More than cores: what breaks an exchange mostly waits.
  concurrency: 3,
};
