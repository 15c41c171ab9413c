import { URI } from 'jssip';
import { writeVariableHeaders } from '../../../src/assets/synthflow/x-headers.private';

describe('Variables as headers of a SIP URI', () => {
  test('have names that Twilio passes on, and values that RFC 3261 takes', () => {
    const { headers, omittedHeaders } = writeVariableHeaders({
      caller_city: 'Bad Ems',
      'X-Plan': 'a;b&c=d?"<>',
      n: '7',
    });
    const uri = URI.parse(`sip:a@b?${headers}`);

    expect(omittedHeaders).toBeUndefined();
    expect(headers.split('&').map((header) => header.split('=').map(decodeURIComponent))).toEqual([
      ['X-caller-city', 'Bad Ems'],
      ['X-Plan', 'a;b&c=d?"<>'],
      ['X-n', '7'],
    ]);
    expect(uri?.toString()).toContain('sip:a@b');
  });

  test.each([
    ['an umlaut', { city: 'Köln' }],
    ['half of an emoji', { city: 'Ann \ud83d' }],
    ['a control character', { city: 'a\r\nX-Evil: 1' }],
    ['nothing', { city: '' }],
    ['a name with a blank', { 'a b': '1' }],
    ['a name with a blank before something like a header', { 'a b_X_c': '1' }],
    ['no name', { '': '1' }],
    ['a name of 65 characters', { ['n'.repeat(65)]: '1' }],
    ["Synthflow's own header", { EI: 'S.evil;' }],
    ["Synthflow's own header, written out", { 'x-ei': 'S.evil;' }],
    ["one of Twilio's", { twilio_sid: '1' }],
  ])('leave out what Twilio does not pass on, and name it: %s', (_title, odd: Record<string, string>) => {
    expect(writeVariableHeaders({ ...odd, plan: 'gold' })).toEqual({
      headers: 'X-plan=gold',
      omittedHeaders: Object.keys(odd),
    });
  });

  test('take names as Twilio does, and the first of two that are the same', () => {
    expect(writeVariableHeaders({ a_b: '1', 'A-B': '2', max_x_y: 'x', eiffel: 'z', ['n'.repeat(64)]: 'y' })).toEqual({
      headers: `X-a-b=1&X-max-x-y=x&X-eiffel=z&X-${'n'.repeat(64)}=y`,
      omittedHeaders: ['A-B'],
    });
  });

  test('leave out what does not fit any more', () => {
    const long = 'x'.repeat(895);

    expect(writeVariableHeaders({ b: '1', a: long })).toEqual({ headers: 'X-b=1', omittedHeaders: ['a'] });
    expect(writeVariableHeaders({ a: long, b: '1', c: '2' })).toEqual({
      headers: `X-a=${long}`,
      omittedHeaders: ['b', 'c'],
    });
    expect(writeVariableHeaders({ a: `${long}x` }).headers).toHaveLength(900);
    expect(writeVariableHeaders({ a: `${long}xx` })).toEqual({ headers: '', omittedHeaders: ['a'] });
  });
});
