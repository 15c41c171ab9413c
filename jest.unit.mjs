import all from './jest.config.mjs';

/** The tests of src, and of what the commands and the lab decide: no process, no network beyond this machine. */
export default {
  ...all,
  globalSetup: null,
  collectCoverage: false,
  testMatch: [
    '<rootDir>/test/{modules,package,readme}.test.ts',
    '<rootDir>/test/{assets,functions}/**/*.test.ts',
    '<rootDir>/test/tools/{story,twilio}/*.test.ts',
    '<rootDir>/test/tools/calls/{disagreements,history,requests}.test.ts',
    '<rootDir>/test/tools/check/{check-*,describe-number,routes}.test.ts',
    '<rootDir>/test/tools/probe/verdict.test.ts',
    '<rootDir>/test/lab/{fields,settings}.test.ts',
    '<rootDir>/test/lab/page/place-request.test.ts',
  ],
};
