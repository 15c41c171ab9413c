import unit from './jest.unit.mjs';

/** Mutation testing: `npm run mutation`, or `npm run mutation -- --mutate FILE` for what you touched. */
export default {
  mutate: [
    'src/**/*.ts',
    'tools/{calls/{disagreements,history,requests},check/{check-env-file,check-settings,describe-number,routes}}.ts',
    'tools/{probe/verdict,story/{explanation,labels},twilio/{account,recorded-leg,variables,wiring}}.ts',
    'lab/{fields,page/place-request}.ts',
  ],
  plugins: ['@stryker-mutator/jest-runner'],
  testRunner: 'jest',
  // Jest finds a mutant's tests by following the imports, so the mutants have to be in its roots.
  jest: {
    config: {
      ...unit,
      // The first entry tests the checkout, and no code.
      testMatch: unit.testMatch.slice(1),
      roots: ['src', 'tools', 'lab', 'test'].map((room) => `<rootDir>/${room}`),
      testTimeout: 5000,
    },
  },
  incremental: true,
  incrementalFile: 'reports/stryker-incremental.json',
  // TypeScript 7 has no API with which Stryker could rewrite a tsconfig, and swc reads none.
  tsconfigFile: 'none',
  ignorePatterns: ['.tmp', 'dist'],
  coverageAnalysis: 'perTest',
  // A mutant of a constant needs every test: with these, all would take hours.
  ignoreStatic: true,
  thresholds: { high: 99, low: 98, break: 97 },
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, reportTests: false },
  allowConsoleColors: false,
  // Each test file leaves an AsyncLocalStorage of Jest's behind, and before Node 24 every promise pays for all of them.
  maxTestRunnerReuse: 50,
  // Longer than a test may take, so that on a busy machine a slow run isn't taken for a caught mutant.
  timeoutMS: 15_000,
  // More than cores: what breaks a request mostly waits.
  concurrency: 4,
};
