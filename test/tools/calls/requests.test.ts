import { requestsOf } from '../../../tools/calls/requests';
import { inboundLine, resultLine, second, webhook } from '../../setup/records';

/** Each request in short: its path, whether Twilio shows it, and the second at which its line was written. */
const shapeOf = (records: Parameters<typeof requestsOf>[0], lines = records.lines) =>
  requestsOf(records).map(({ path, line, webhook: shown }) => [
    path,
    shown === undefined ? 'no webhook' : shown.httpStatus,
    lines.find((one) => one.line === line)?.time.getUTCSeconds(),
  ]);
const result = (time: number, httpStatus = 200) => webhook({ path: '/dial-result', time: second(time), httpStatus });
const resultAt = (time: number) => ({ ...resultLine(), time: second(time) });

describe('The requests of a call', () => {
  test('are the webhooks in order, each with its log line', () => {
    const lines = [inboundLine(), resultAt(50)];

    expect(shapeOf({ lines, requests: [webhook(), result(50)] })).toEqual([
      ['/inbound', 200, 1],
      ['/dial-result', 200, 50],
    ]);
  });

  test('match their log lines even if the log or its clock is late', () => {
    for (const late of [6, -6]) {
      const lines = [resultAt(20 + late), resultAt(40 + late)];

      expect(shapeOf({ lines, requests: [result(20), result(40)] })).toEqual([
        ['/dial-result', 200, 20 + late],
        ['/dial-result', 200, 40 + late],
      ]);
    }
  });

  test("match their own function's line, even if another one is nearer", () => {
    const lines = [{ ...inboundLine(), time: second(20) }, resultAt(22)];

    expect(shapeOf({ lines, requests: [result(20, 299)] })).toEqual([
      ['/dial-result', 299, 22],
      ['/inbound', 'no webhook', 20],
    ]);
  });

  test('match the nearest line, and none that is a minute away', () => {
    expect(shapeOf({ lines: [resultAt(20), resultAt(40)], requests: [result(39)] })).toEqual([
      ['/dial-result', 'no webhook', 20],
      ['/dial-result', 200, 40],
    ]);
    const milliseconds = (ms: number) => ({ ...resultLine(), time: new Date(second(0).getTime() + 300 + ms) });
    expect(requestsOf({ lines: [milliseconds(59_999)], requests: [result(0)] })).toHaveLength(1);
    expect(requestsOf({ lines: [milliseconds(60_000)], requests: [result(0)] })).toHaveLength(2);
  });

  test.each([0, 199, 300, 502])(
    'have no line of their own when they failed (%i) and another was answered',
    (status) => {
      expect(shapeOf({ lines: [resultAt(21)], requests: [result(20, status), result(21, 299)] })).toEqual([
        ['/dial-result', status, undefined],
        ['/dial-result', 299, 21],
      ]);
      expect(shapeOf({ lines: [resultAt(21)], requests: [result(20, 299), result(21, status)] })).toEqual([
        ['/dial-result', 299, 21],
        ['/dial-result', status, undefined],
      ]);
      expect(shapeOf({ lines: [resultAt(21)], requests: [result(20, status)] })).toEqual([
        ['/dial-result', status, 21],
      ]);
    },
  );

  test("keep Twilio's order within the same second", () => {
    const requests = [webhook({ httpStatus: 500 }), webhook({ path: '/fallback.xml' }), webhook({ httpStatus: 500 })];

    expect(requestsOf({ lines: [], requests }).map(({ path }) => path)).toEqual([
      '/inbound',
      '/fallback.xml',
      '/inbound',
    ]);
  });

  test('come from the log alone if Twilio shows no webhook, from the start of each function', () => {
    const lines = [{ ...inboundLine({ ms: 400 }), time: second(1) }];

    expect(requestsOf({ lines, requests: [] })).toEqual([
      { time: new Date(second(1).getTime() - 400), path: '/inbound', line: lines[0]?.line, webhook: undefined },
    ]);
    expect(requestsOf({ lines: [inboundLine()], requests: [] })[0]?.time).toEqual(second(1));
  });
});
