/** Resolves after so many milliseconds. */
export function pause(ms: number): Promise<'over'> {
  return new Promise((resolve) => setTimeout(() => resolve('over'), ms));
}

/** Resolves once the signal aborts. */
export function aborted(signal: AbortSignal): Promise<'gone'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('gone');
    else signal.addEventListener('abort', () => resolve('gone'), { once: true });
  });
}
