import type { HttpResult } from '../../../src/assets/http/post.private';
import { retryDelayMs } from '../../../src/assets/synthflow/retry.private';

const response = (httpStatus: number, retryAfter?: string): HttpResult => ({
  kind: 'response',
  httpStatus,
  body: '',
  retryAfter,
});
const failure = (retry: 'never' | 'at once' | 'after a pause'): HttpResult => ({
  kind: 'failure',
  reason: 'unreachable',
  retry,
});

describe('A request is sent again', () => {
  test.each([
    ['at once when an idle connection was dead', failure('at once'), 0],
    ['after 200 ms when no connection came about', failure('after a pause'), 200],
    ['after 200 ms when the answer is 429', response(429), 200],
    ['after the time that a 429 asks for', response(429, '3'), 3000],
    ['after the time that a 503 asks for', response(503, '12'), 12_000],
    ['after 200 ms when the API asks for less', response(503, '0'), 200],
    ['after 200 ms when the date that the API asks for is over', response(429, 'Fri, 31 Dec 1999 23:59:59 GMT'), 200],
  ])('%s', (_case, result, delayMs) => {
    expect(retryDelayMs(result)).toBe(delayMs);
  });

  test('at the date that the API asks for', () => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 0, 2, 3, 4, 5));
    const delayMs = retryDelayMs(response(503, 'Fri, 02 Jan 2026 03:04:07 GMT'));
    jest.restoreAllMocks();

    expect(delayMs).toBe(2000);
  });

  test.each([
    ['when the server may have processed it', failure('never')],
    ['when the answer is 503 without Retry-After', response(503)],
    ['when another answer has Retry-After', response(500, '1')],
    ['when the answer is complete', response(200)],
  ])('never %s', (_case, result) => {
    expect(retryDelayMs(result)).toBeUndefined();
  });

  test.each(['3.5', '-1', 'soon', '', '1 GMT+0100', 'never GMT', 'Fri, 31 Dec 1999 23:59:59 GMT+0100', 'x1', '1x'])(
    'never when Retry-After is %j, which is neither seconds nor a date',
    (retryAfter) => {
      expect(retryDelayMs(response(429, retryAfter))).toBeUndefined();
    },
  );
});
