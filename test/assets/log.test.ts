import { writeLine } from '../../src/assets/log.private';

describe('A log line', () => {
  afterEach(() => jest.restoreAllMocks());

  test.each([
    { outcome: 'agent', method: 'log' },
    { outcome: 'agent_direct', method: 'log' },
    { outcome: 'transfer_number', method: 'log' },
    { outcome: 'transfer_sip', method: 'log' },
    { outcome: 'completed', method: 'log' },
    { outcome: 'voicemail_left', method: 'log' },
    { outcome: 'caller_hung_up', method: 'log' },
    { outcome: 'refused', method: 'log' },
    { outcome: 'fallback_number', method: 'error' },
    { outcome: 'voicemail', method: 'error' },
    { outcome: 'message', method: 'error' },
    { outcome: 'transfer_refused', method: 'error' },
  ] as const)('with the outcome $outcome goes to console.$method alone', ({ outcome, method }) => {
    const written: [string, string][] = [];
    jest.spyOn(console, 'log').mockImplementation((text) => void written.push(['log', text]));
    jest.spyOn(console, 'error').mockImplementation((text) => void written.push(['error', text]));

    writeLine({ event: 'inbound', outcome, callSid: undefined });

    expect(written).toEqual([[method, `{"event":"inbound","outcome":"${outcome}"}`]]);
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
    writeLine({ event: 'inbound', outcome: 'agent', ...ids, problems: ['such as +15550100198'] });
    const error = jest.spyOn(console, 'error').mockImplementation();
    writeLine({ event: 'inbound', outcome: 'agent', error: foreign });

    const line = { event: 'inbound', outcome: 'agent', requestId: masked, synthflowCallId: masked };
    expect(JSON.parse(log.mock.calls[0]?.[0])).toEqual({ ...line, problems: ['such as +15550100198'] });
    expect(JSON.parse(error.mock.calls[0]?.[0])).toEqual({ event: 'inbound', outcome: 'agent', error: masked });
  });
});
