import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { formatEnvFile, readEnvironment } from '../../tools/environment';
import { makeTemporaryFolder } from '../../tools/program';
import { holds } from '../setup/property';

describe('Values that are written for twilio-run', () => {
  test.each([
    'plain',
    '"Acme" says "sorry"',
    "'quoted'",
    'two\nlines',
    '# not a comment',
    'a # b',
    'back\\slash',
    '$HOME `x` "',
    '',
  ])('arrive as they are: %j', (value) => {
    expect(parse(formatEnvFile({ NOTES: value, OTHER: 'x' }))).toEqual({ NOTES: value, OTHER: 'x' });
  });

  test('that an env file cannot hold are refused by name, and never shown', () => {
    expect(() => formatEnvFile({ NOTES: 'secret\nwith a literal \\n' })).toThrow(
      'NOTES: expected a value that an env file can hold; change its quotes, backslashes or line breaks',
    );
    expect(() => formatEnvFile({ NOTES: ' blanks around ' })).toThrow('NOTES: expected');
    expect(() => formatEnvFile({ 'NO TES': 'x' })).toThrow('NO TES: expected');
  });

  test('arrive unchanged or are refused', () =>
    holds(fc.string({ unit: fc.constantFrom(...'\'"\\\n\r #=n$` a') }), (value) => {
      let text: string;
      try {
        text = formatEnvFile({ NOTES: value });
      } catch {
        return;
      }
      expect(parse(text)).toEqual({ NOTES: value });
    }));
});

describe('The environment of a command', () => {
  test.each([
    ['SYNTHFLOW_REGION=us', 'us'],
    ['SYNTHFLOW_REGION=', 'eu'],
    ['NOTES=1', 'eu'],
  ])('takes from the shell what the file (%s) does not set: an empty value is none', (text, region) => {
    const folder = makeTemporaryFolder('environment');
    const file = join(folder.path, '.env');
    writeFileSync(file, text);
    const environment = readEnvironment({ env: { SYNTHFLOW_REGION: 'eu' }, project: folder.path }, file);
    folder.remove();

    expect(environment.SYNTHFLOW_REGION).toBe(region);
  });

  test('is read from a file, and from nothing that would hang or fail without a sentence', () => {
    const folder = makeTemporaryFolder('environment');
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const read = (file: string) => () => readEnvironment({ env: {}, project: folder.path }, file);

    expect(read(folder.path)).toThrow(`${folder.path}: expected a file; found a folder`);
    expect(read(pipe)).toThrow(`${pipe}: expected a file; found a pipe or device`);
    folder.remove();
  });

  test('needs the file that --env names', () => {
    expect(() => readEnvironment({ env: {}, project: '/' }, '/nowhere/.env')).toThrow(
      '--env: expected a file; there is no /nowhere/.env',
    );
  });
});
