import { checkContent } from '../../../tools/check/check-env-file';

const check = (text: string) => checkContent(Buffer.from(text), '.env');
const failed = (line: number, detail: string, fix: string) => ({
  subject: `.env:${line}`,
  result: 'failed',
  detail,
  fix,
});
const noEffect = 'is neither empty, nor a comment, nor NAME=value: it has no effect';

describe('An env file', () => {
  test.each([
    '',
    '\n\r\n  \n',
    '# a comment\n  # another',
    'SYNTHFLOW_REGION=eu',
    '  SYNTHFLOW_REGION = eu  \r\nNOTES=\n',
    'FALLBACK_MESSAGE=\'"Acme" says "sorry"\'\nMY-NAME.X=1#2',
  ])('that is read whole has no finding: %j', (text) => {
    expect(check(text)).toEqual([]);
  });

  test.each([
    ['export CALLER_ID=+15550100190', 'write CALLER_ID=value, if that is meant'],
    ['CALLER_ID: +15550100190', 'write CALLER_ID=value, if that is meant'],
    ['caller_id +15550100190', 'write CALLER_ID=value, if that is meant'],
    ['SYNTHFLOW_API_KEY', 'write SYNTHFLOW_API_KEY=value, if that is meant'],
    ['set CALLER_ID="+15550100190"', 'write CALLER_ID=value, if that is meant'],
    ['declare -x CALER_ID=+15550100190', 'write CALLER_ID=value, if that is meant'],
    ['$env:CALLER_ID="+15550100190"', 'write CALLER_ID=value, if that is meant'],
    ['CALLER ID=+15550100190', 'write CALLER_ID=value, if that is meant'],
    ['// a comment', 'write NAME=value, or # before a comment'],
    ['my own note', 'write NAME=value, or # before a comment'],
    ['// 7', 'write NAME=value, or # before a comment'],
  ])('has a line without effect: %s', (line, fix) => {
    expect(check(`NOTES=1\n${line}\n`)).toEqual([failed(2, noEffect, fix)]);
  });

  test('never shows a value', () => {
    expect(
      JSON.stringify(check('export SYNTHFLOW_API_KEY=secret-key\nSYNTHFLOW_API_KEY: secret-key\nX=secret-key # y')),
    ).not.toContain('secret');
  });

  test('in UTF-16 is not read at all', () => {
    expect(checkContent(Buffer.from('NOTES=1', 'utf16le'), 'my.env')).toEqual([
      { subject: 'my.env', result: 'failed', detail: 'has NUL bytes: it may be in UTF-16', fix: 'save it in UTF-8' },
    ]);
  });

  test('in Latin-1 would lose letters', () => {
    expect(checkContent(Buffer.from('NOTES=später', 'latin1'), 'my.env')).toEqual([
      {
        subject: 'my.env',
        result: 'failed',
        detail: 'is not in UTF-8: some letters would be damaged',
        fix: 'save it in UTF-8',
      },
    ]);
    expect(check('NOTES=später')).toEqual([]);
  });

  test('with a byte order mark loses its first name', () => {
    expect(check('\uFEFFNOTES=1')).toEqual([
      failed(1, 'begins with a byte order mark', 'save it in UTF-8 without one'),
    ]);
  });

  test('that sets a variable twice says on which lines', () => {
    expect(check('A=1\nB=1\nA=2\n\nA=3')).toEqual([
      failed(5, 'A is set on the lines 1, 3, 5', 'keep one: the last one counts'),
    ]);
  });

  test.each([
    ['KEY=value # our key', true],
    ['KEY=value#1', false],
  ])('with a comment after a value (%s) is warned of: %p', (text, warned) => {
    const finding = {
      subject: '.env:1',
      result: 'warning',
      detail: 'KEY has a # after a blank',
      fix: 'a comment after a value becomes part of it',
    };

    expect(check(text)).toEqual(warned ? [finding] : []);
  });
});
