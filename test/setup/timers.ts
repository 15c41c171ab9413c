/** Timers that are over soon. */
export interface ShortenedTimers {
  /** Makes timers last again; returns the milliseconds of each that was set meanwhile. */
  restore(): readonly number[];
}

/** Makes every timer of over 1 s last 100 ms. */
export function shortenTimers(): ShortenedTimers {
  const real = globalThis.setTimeout;
  const spy = jest.spyOn(globalThis, 'setTimeout').mockImplementation((act, ms = 0) => real(act, ms > 1000 ? 100 : ms));
  return {
    restore: () => {
      const asked = spy.mock.calls.map(([, ms = 0]) => ms);
      spy.mockRestore();
      return asked;
    },
  };
}
