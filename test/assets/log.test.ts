import { describeError, type LogLine, outcomes, writeLine } from '../../src/assets/log.private';

describe('A log line', () => {
  afterEach(() => jest.restoreAllMocks());

  /** The console methods and the texts that writing a line used. */
  function write(line: LogLine): readonly (readonly [string, string])[] {
    const written: [string, string][] = [];
    jest.spyOn(console, 'log').mockImplementation((text) => void written.push(['log', text]));
    jest.spyOn(console, 'error').mockImplementation((text) => void written.push(['error', text]));
    writeLine(line);
    return written;
  }

  test.each(outcomes)(
    'with the outcome %s raises an alert by itself only where nobody else would notice',
    (outcome) => {
      const method = ['transfer_refused', 'voicemail_undelivered'].includes(outcome) ? 'error' : 'log';

      expect(write({ event: 'inbound', outcome, callSid: undefined })).toEqual([
        [method, `{"event":"inbound","outcome":"${outcome}"}`],
      ]);
    },
  );

  test.each<[string, Partial<LogLine>]>([
    ['a person rings because an agent was missed', { missedAgent: true, outcome: 'person' }],
    ['an agent was missed for good', { missedAgent: true, outcome: 'message' }],
    ['a lookup was late', { lookup: 'timeout' }],
    ['a lookup failed', { lookup: 'failed' }],
    ['an error was thrown', { error: 'TypeError' }],
    ['nobody could be told', { notified: false }],
    ['a setting is not accepted', { problems: ['SYNTHFLOW_REGION'] }],
  ])('raises an alert when %s', (_why, fields) => {
    expect(write({ event: 'inbound', outcome: 'agent', ...fields }).map(([method]) => method)).toEqual(['error']);
    expect(write({ event: 'inbound', outcome: 'agent', missedAgent: false }).map(([method]) => method)).toEqual([
      'log',
    ]);
  });

  test.each<[string, LogLine]>([
    ['another agent takes the call', { event: 'dial-result', outcome: 'agent', missedAgent: true }],
    ['another agent is dialled directly', { event: 'dial-result', outcome: 'agent_direct', missedAgent: true }],
    ['no agent was missed', { event: 'dial-result', outcome: 'voicemail', missedAgent: false }],
    [
      'the first line of the call has told the problem',
      { event: 'dial-result', outcome: 'completed', problems: ['x'] },
    ],
  ])('raises no alert when %s', (_why, line) => {
    expect(write(line).map(([method]) => method)).toEqual(['log']);
  });

  test.each([
    ['15550100142', '…0142'],
    ['+15550100142', '…0142'],
    ['Error at +15550100142 (inbound:1:2)', 'Error at …0142 (inbound:1:2)'],
    ['req_15550100142', 'req_15550100142'],
    ['a29407fb-1234567-9d1d', 'a29407fb-1234567-9d1d'],
    ['1234567', '…4567'],
    ['123456', '123456'],
  ])('masks a number in what comes from elsewhere: %j', (foreign, masked) => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const ids = { requestId: foreign, synthflowCallId: foreign };
    writeLine({ event: 'inbound', outcome: 'agent', ...ids });
    const error = jest.spyOn(console, 'error').mockImplementation();
    writeLine({ event: 'inbound', outcome: 'agent', error: foreign, problems: ['such as +15550100198'] });

    const line = { event: 'inbound', outcome: 'agent', requestId: masked, synthflowCallId: masked };
    expect(JSON.parse(log.mock.calls[0]?.[0])).toEqual(line);
    expect(JSON.parse(error.mock.calls[0]?.[0])).toEqual({
      event: 'inbound',
      outcome: 'agent',
      error: masked,
      problems: ['such as +15550100198'],
    });
  });

  test.each([
    ['orders_15550100142', 'orders_…0142'],
    ['+1-555-010-0142', '…0142'],
    ['(555) 010-0142', '(…0142'],
    ['order_123456', 'order_123456'],
    ['x'.repeat(65), 'x'.repeat(64)],
  ])('has the names of variables without a number, and not longer than 64 characters: %s', (name, shown) => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const names = Array<string>(21).fill(name);
    writeLine({ event: 'inbound', outcome: 'agent', omitted: names, omittedHeaders: names });
    const expected = Array<string>(20).fill(shown);

    expect(JSON.parse(log.mock.calls.at(-1)?.[0])).toMatchObject({ omitted: expected, omittedHeaders: expected });
  });
});

describe('An error in the log', () => {
  const own = 'at async planOf (/var/task/files/ZN0123:9:20)';
  const failure = (stack: string, more: object = {}): Error =>
    Object.assign(new TypeError('fetch failed'), { stack: `TypeError: fetch failed\n${stack}`, ...more });

  test.each([
    ['    at node:internal/deps/undici/undici:14976:13\n', `    ${own}`],
    [
      '    at AxiosError.from (/var/task/node_modules/axios/dist/node/axios.cjs:9:14)\n',
      `    ${own}\n    at x (/a:1:2)`,
    ],
  ])('has the first place outside Node.js and the packages: %j', (foreign, rest) => {
    expect(describeError(failure(foreign + rest))).toBe('TypeError at async planOf (/var/task/files/ZN0123:9:20)');
  });

  test('has a place of Node.js where there is no other', () => {
    expect(describeError(failure('    at node:internal/timers:1:2'))).toBe('TypeError at node:internal/timers:1:2');
    expect(describeError(failure(''))).toBe('TypeError at unknown place');
  });

  test('has the code that Node.js gives it or its cause, and nothing else that it may hold', () => {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND crm.invalid'), { code: 'ENOTFOUND' });

    expect(describeError(failure(`    ${own}`, { cause }))).toMatch(/^TypeError ENOTFOUND at async planOf/);
    expect(describeError(failure(`    ${own}`, { code: 'ECONNRESET' }))).toMatch(/^TypeError ECONNRESET at /);
    expect(describeError(failure(`    ${own}`, { code: '+15550100142' }))).toMatch(/^TypeError at /);
    expect(describeError(failure(`    ${own}`, { code: 7, cause: { code: 'FORGED' } }))).toMatch(/^TypeError at /);
  });
});
