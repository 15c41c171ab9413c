/** All tests. */
export default {
  testEnvironment: 'node',
  maxWorkers: '100%',
  testTimeout: 120_000,
  roots: ['<rootDir>/test'],
  transform: { '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
  moduleNameMapper: { '^\\./numbers\\.private$': '<rootDir>/test/fixtures/numbers.ts' },
  globalSetup: '<rootDir>/test/setup/prepare.ts',
  setupFiles: ['<rootDir>/test/setup/runtime.ts'],
  collectCoverage: true,
  // The rest is the owner's.
  collectCoverageFrom: ['src/**/*.ts', '!src/assets/numbers.private.ts', '!src/assets/own/**'],
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'text'],
  coverageThreshold: { global: { lines: 100, branches: 100, functions: 100, statements: 100 } },
};
