import { readPrepareResponse } from '../../../src/assets/synthflow/response.private';

const id = 'a29407fb-1bf2-4be6-9d1d-f501c3dd9a2b';
const answer = (changes: object): object => ({ call_status: 'registered', synthflow_call_id: id, ...changes });

describe('An answer of prepare_inbound', () => {
  test('that is registered with an id is a prepared call', () => {
    expect(readPrepareResponse(200, answer({}))).toEqual({ prepared: true, synthflowCallId: id, httpStatus: 200 });
  });

  test.each(['a', 'A_b-9', 'x'.repeat(64)])('may carry the id %s', (synthflow_call_id) => {
    expect(readPrepareResponse(299, answer({ synthflow_call_id }))).toMatchObject({
      prepared: true,
      synthflowCallId: synthflow_call_id,
    });
  });

  test('that says failed is an outage, though its status is 200 and an id is present', () => {
    expect(readPrepareResponse(200, answer({ call_status: 'failed' }))).toMatchObject({
      prepared: false,
      reason: 'outage',
      httpStatus: 200,
    });
  });

  test.each([
    ['no id', answer({ synthflow_call_id: undefined })],
    ['an id that is null', answer({ synthflow_call_id: null })],
    ['an id that is a number', answer({ synthflow_call_id: 7 })],
    ['an empty id', answer({ synthflow_call_id: '' })],
    ['an id with a semicolon', answer({ synthflow_call_id: 'a;O.+15550100666' })],
    ['an id with a line break', answer({ synthflow_call_id: `${id}\r\nX-Evil: 1` })],
    ['an id of 65 characters', answer({ synthflow_call_id: 'x'.repeat(65) })],
    ['another call_status', answer({ call_status: 'pending' })],
    ['no call_status', answer({ call_status: undefined })],
    ['a wrapped object', { status: 'ok', response: answer({}) }],
    ['a list', [answer({})]],
    ['null', null],
    ['a web page', '<html></html>'],
    ['nothing', ''],
  ])('with %s is malformed', (_what, body) => {
    expect(readPrepareResponse(200, body)).toMatchObject({ prepared: false, reason: 'malformed', httpStatus: 200 });
  });

  test.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [429, 'rate_limited'],
    [400, 'rejected'],
    [404, 'rejected'],
    [422, 'rejected'],
    [199, 'rejected'],
    [300, 'rejected'],
    [307, 'rejected'],
    [500, 'server_error'],
    [503, 'server_error'],
    [599, 'server_error'],
  ] as const)('with status %i is %s, whatever its body says', (httpStatus, reason) => {
    expect(readPrepareResponse(httpStatus, answer({}))).toEqual({
      prepared: false,
      reason,
      httpStatus,
      requestId: undefined,
    });
  });

  test.each([
    ['in detail', { detail: { status: 'error', description: 'x', request_id: 'req_12-a', category: 'y' } }],
    ['at the top', { error: 'x', message: 'y', request_id: 'req_12-a' }],
  ])('gives the request_id that support asks for, %s', (_where, body) => {
    expect(readPrepareResponse(500, body)).toMatchObject({ requestId: 'req_12-a' });
  });

  test.each([
    { detail: [{ msg: 'm', loc: ['l'] }] },
    { detail: 'Not Found' },
    { detail: { request_id: '+1 555 0100 142' } },
  ])('has no request_id in %j', (body) => {
    expect(readPrepareResponse(422, body)).toMatchObject({ requestId: undefined });
  });
});
