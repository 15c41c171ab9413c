import type { NumberTable } from '../../../src/assets/settings.private';
import { describeNumber, formatNumber } from '../../../tools/check/describe-number';

const environment = {
  SYNTHFLOW_API_KEY: 'canary-key',
  SYNTHFLOW_MODEL_ID: 'agent-1',
  SYNTHFLOW_REGION: 'eu',
  CALL_ROUTE: 'agent,+15550100190',
  FALLBACK_MESSAGE: 'Back soon.',
  NOTIFY_URL: 'https://chat.example.com/canary',
  DIAL_TIMEOUT_SECONDS: '15',
};
const open = { mon: ['09:00-12:30', '13:30-17:00'], sat: ['10:00-12:00'] };
const numbers: NumberTable = {
  '+15550100100': {
    modelId: 'agent-2',
    variables: { department: 'sales' },
    customVariables: async () => ({}),
    route: ['agent', 'voicemail'],
    hours: { timeZone: 'Europe/Berlin', open, closedDates: ['2026-12-25', '2026-12-26'] },
    closedRoute: ['voicemail'],
    fallback: { message: 'Sales is back soon.' },
    directDial: true,
  },
  '+15550100102': {
    route: [
      [
        { number: '+15550100190', confirm: true, ringSeconds: 15 },
        { number: '+15550100191', sendDigits: 'ww12' },
      ],
      'agent',
    ],
    dial: { record: 'record-from-answer-dual', timeLimit: 3600 },
  },
};
const rowOf = (name: string, called = '+15550100100', given: Readonly<Record<string, string>> = environment) =>
  describeNumber(given, numbers, called).filter((row) => row.name === name);

describe('What a called number gets', () => {
  test.each([
    ['route', 'agent agent-2, then voicemail, then message', 'number table'],
    [
      'hours',
      'mon 09:00-12:30 13:30-17:00, sat 10:00-12:00, Europe/Berlin; closed on 2026-12-25, 2026-12-26',
      'number table',
    ],
    ['while closed', 'voicemail, then message', 'number table'],
    ['agent', 'agent-2', 'number table'],
    ['prompt variables', 'department, customVariables', 'number table'],
    ['direct dial', 'true', 'number table'],
    ['message', 'Sales is back soon.', 'number table'],
    ['API key', 'set, not shown', 'SYNTHFLOW_API_KEY'],
    ['region', 'eu', 'SYNTHFLOW_REGION'],
    ['time to prepare', '4000 ms', 'default'],
    ['time to look up', '1500 ms', 'default'],
    ['agent rings', '15 s, and 5 s that Twilio adds', 'DIAL_TIMEOUT_SECONDS'],
    ['agent counts from', '0 s', 'default'],
    ['notify URL', 'set, not shown', 'NOTIFY_URL'],
    ['caller id', 'none', 'default'],
    ['after a voicemail', 'Thank you. Goodbye.', 'default'],
  ])('has its %s, and where it is set', (name, value, source) => {
    expect(rowOf(name)).toEqual([{ name, value, source }]);
  });

  test('has what compliance asks for: recording, confirmation, transport and encryption', () => {
    const secure = { ...environment, SYNTHFLOW_SIP_TRANSPORT: 'tls', SYNTHFLOW_SIP_SRTP: 'true' };
    const shown = (name: string): string[] =>
      rowOf(name, '+15550100102', secure).map(({ value, source }) => `${value}, ${source}`);

    expect(shown('route')).toEqual([
      '+15550100190 (15 s, confirm) and +15550100191 (sendDigits ww12), then agent agent-1, then message, number table',
    ]);
    expect(shown("agent's Dial")).toEqual(['record record-from-answer-dual, timeLimit 3600, number table']);
    expect(shown('a person rings')).toEqual(['15 s or 20 s, and 5 s that Twilio adds, number table']);
    expect(shown('SIP host')).toEqual(['sip.eu.synthflow.ai:32682, SYNTHFLOW_REGION']);
    expect(shown('SIP transport')).toEqual(['tls, SYNTHFLOW_SIP_TRANSPORT']);
    expect(shown('SRTP')).toEqual(['true, SYNTHFLOW_SIP_SRTP']);
    expect(rowOf('SIP host', '+15550100102', { ...secure, SYNTHFLOW_SIP_TERMINATION: 'sip.example.com:5061' })).toEqual(
      [{ name: 'SIP host', value: 'sip.example.com:5061', source: 'SYNTHFLOW_SIP_TERMINATION' }],
    );
    expect(rowOf("agent's Dial")).toEqual([]);
  });

  test('is the same however the number is written', () => {
    expect(rowOf('agent', 'sip:+15550100100@acme.sip.twilio.com')).toEqual(rowOf('agent'));
  });

  test("is the environment's for a number without an entry", () => {
    expect(rowOf('route', '+15550100101')).toEqual([
      { name: 'route', value: 'agent agent-1, then +15550100190, then message', source: 'CALL_ROUTE' },
    ]);
    expect(rowOf('hours', '+15550100101')).toEqual([]);
    expect(rowOf('prompt variables', '+15550100101')).toEqual([]);
    expect(rowOf('transfers to', '+15550100101')).toMatchObject([{ value: '+15550100190' }]);
  });

  test("says none for what isn't set, and the source of everything else", () => {
    expect(
      describeNumber({}, {}, '+15550100100').map(({ name, value, source }) => `${name}: ${value}, ${source}`),
    ).toEqual([
      'route: agent (none), then message, default',
      'agent: none, default',
      'API key: none, default',
      'workspace: none, default',
      'region: global, default',
      'time to prepare: unusable: see the problems, default',
      'time to look up: unusable: see the problems, default',
      'agent rings: 20 s, and 5 s that Twilio adds, default',
      'SIP host: sipin.synthflow.ai:32681, default',
      'SIP transport: udp, default',
      'SIP region: us1, default',
      'SRTP: false, default',
      'agent counts from: 0 s, default',
      'direct dial: false, default',
      'transfers to: none, default',
      'caller id: none, default',
      'refused callers: none, default',
      'message: We are sorry, our assistant cannot take your call at the moment., default',
      'before a voicemail: We are sorry, our assistant cannot take your call at the moment. Please leave a message after the tone., default',
      'after a voicemail: Thank you. Goodbye., default',
      'to confirm: Somebody is calling for you. Press 1 to take the call., default',
      'language: none, default',
      'voice: none, default',
      'notify URL: none, default',
      'problem: SYNTHFLOW_API_KEY: expected an API key of your Synthflow workspace, at most 450 characters without spaces; found nothing. Correct it., ',
      'problem: SYNTHFLOW_MODEL_ID: expected the id of a Synthflow agent, at most 128 characters without spaces; found nothing. Correct it., ',
    ]);
  });

  test('lists numbers with commas, and hours without closed dates', () => {
    const lists = {
      ...environment,
      TRANSFER_NUMBERS: '+15550100191,+15550100192',
      REFUSED_CALLERS: '+1900*,anonymous',
    };
    const always: NumberTable = {
      '+15550100100': { hours: { timeZone: 'UTC', open: {} }, closedRoute: ['voicemail'] },
    };

    expect(rowOf('transfers to', '+15550100101', lists)).toMatchObject([
      { value: '+15550100190, +15550100191, +15550100192' },
    ]);
    expect(rowOf('refused callers', '+15550100101', lists)).toMatchObject([{ value: '+1900*, anonymous' }]);
    expect(describeNumber(environment, always, '+15550100100')).toContainEqual({
      name: 'hours',
      value: 'never, UTC',
      source: 'number table',
    });
  });

  test("ignores the table for a number that can't be a key", () => {
    const odd: NumberTable = JSON.parse('{"nobody":{"modelId":"agent-of-nobody"}}');

    expect(describeNumber(environment, odd, 'anonymous')).toContainEqual(
      expect.objectContaining({ name: 'agent', value: 'agent-1' }),
    );
  });

  test('lists problems, and what they make unusable', () => {
    const wrong = { ...environment, SYNTHFLOW_REGION: 'mars', CALLER_ID: '4711' };

    expect(rowOf('time to prepare', '+15550100101', wrong)).toMatchObject([{ value: 'unusable: see the problems' }]);
    expect(rowOf('problem', '+15550100101', wrong).map(({ value }) => value)).toEqual([
      expect.stringContaining('SYNTHFLOW_REGION: expected'),
      expect.stringContaining('CALLER_ID: expected'),
    ]);
  });

  test('shows no secret, and is aligned', () => {
    const text = formatNumber(describeNumber(environment, numbers, '+15550100100'), undefined);

    expect(text).not.toContain('canary');
    expect(text).toMatch(/^route {15}number table {10}agent agent-2, then voicemail, then message$/m);
  });
});
