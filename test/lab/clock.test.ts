import { type Clock, startCallTime } from '../../lab/clock';

/** A clock that stands where the test puts it. */
function clockAt(state: { seconds: number }): Clock {
  return { now: () => state.seconds, after: () => () => undefined, pause: async () => 'over', stop: () => undefined };
}

describe('The time of a call', () => {
  test('follows the clock, whatever the real time is', () => {
    const state = { seconds: 7 };
    const time = startCallTime(clockAt(state));
    state.seconds = 27.5;

    expect(time.now()).toBe(20_500);
  });

  test('is real while requests are under way, and the clock counts for nothing', async () => {
    const state = { seconds: 0 };
    const time = startCallTime(clockAt(state));
    const start = performance.now();
    const request = time.inRealTime(new Promise((resolve) => setTimeout(resolve, 30)));
    // Two at once are no faster than one.
    const other = time.inRealTime(new Promise((resolve) => setTimeout(resolve, 60)));
    state.seconds = 400;
    await request;
    await other;
    const passed = performance.now() - start;

    expect(time.now()).toBeGreaterThanOrEqual(59);
    expect(time.now()).toBeLessThanOrEqual(passed + 1);
    state.seconds = 401;
    expect(time.now()).toBeGreaterThanOrEqual(1059);
    expect(time.now()).toBeLessThanOrEqual(passed + 1001);
  });

  test('goes on after a request that fails', async () => {
    const state = { seconds: 0 };
    const time = startCallTime(clockAt(state));
    await expect(time.inRealTime(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    const after = time.now();
    state.seconds = 2;

    expect(time.now() - after).toBe(2000);
  });
});
