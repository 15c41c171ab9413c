import { figure, median, type Part, quantile } from './bench/figure';
import { findProblems, readValue, renderPage } from './bench/report';

const part = (value: number, goal?: number): Part => ({
  title: 'Warm',
  figures: [
    figure('the bridge to the yardstick', [value, value, value], { margin: 0.5, ...(goal !== undefined && { goal }) }),
  ],
  times: [{ title: 'bridge', text: 'p50 1.00 ms' }],
});

describe('The benchmark', () => {
  test('takes the median, and shows the spread without the outermost tenths', () => {
    const rounds = [9, 1, 2, 3, 4, 5, 6, 7, 8, 10, 0];

    expect(median(rounds)).toBe(5);
    expect(quantile(rounds, 0.99)).toBe(10);
    expect(figure('x', rounds, { margin: 0.3 })).toEqual({
      title: 'x',
      value: 5,
      spread: [1, 9],
      goal: undefined,
      margin: 0.3,
    });
  });

  test('writes a page from which it reads its values again', () => {
    const page = renderPage([part(0.42, 1)], '2026-11-24');

    expect(page).toContain('| the bridge to the yardstick | 0.42 | 0.42 to 0.42 | at most 1.00 | 50 % |');
    expect(readValue(page, 'Warm', 'the bridge to the yardstick')).toBe(0.42);
    expect(readValue(page, 'Cold', 'the bridge to the yardstick')).toBeUndefined();
  });

  test.each([
    [0.9, undefined, []],
    [1.01, undefined, ['Warm: the bridge to the yardstick: expected at most 1.00; found 1.01']],
    [0.75, 0.5, []],
    [0.76, 0.5, ['Warm: the bridge to the yardstick: expected at most 0.75, for 0.50 as recorded; found 0.76']],
    // A goal is held when a page is written; beside a recorded one, only what became worse counts.
    [1.01, 0.9, []],
    [0.3, 0.5, []],
    [0.99, 0, []],
    [1.01, 0, ['Warm: the bridge to the yardstick: expected at most 1.00, for 0.00 as recorded; found 1.01']],
    [Number.NaN, 0.5, ['Warm: the bridge to the yardstick: expected a number; found NaN']],
    [-0.1, 0.5, ['Warm: the bridge to the yardstick: expected a number; found -0.1']],
  ])('finds at the value %d, with %p recorded, the problems %j', (value, recorded, problems) => {
    const page = recorded === undefined ? undefined : renderPage([part(recorded)], '2026-11-24');

    expect(findProblems([part(value, 1)], page)).toEqual(problems);
  });

  test('finds a value that was never recorded', () => {
    expect(findProblems([part(0.5)], '# Performance')).toEqual([
      'Warm: the bridge to the yardstick: expected its row in docs/performance.md; run npm run bench',
    ]);
  });
});
