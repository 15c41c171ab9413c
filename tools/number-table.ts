import type { NumberTable } from '../src/assets/settings.private';

/** The number table that people edit; throws with the place of a mistake that keeps it from being read. */
export async function loadNumberTable(): Promise<NumberTable> {
  try {
    const module: object = await import('../src/assets/numbers.private');
    if (!('numbers' in module)) throw new Error('it exports no `numbers`');
    const { numbers } = await import('../src/assets/numbers.private');
    return numbers;
  } catch (error) {
    const place = error instanceof Error ? (/numbers\.private\.ts:\d+:\d+/.exec(String(error.stack))?.[0] ?? '') : '';
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(
      `src/assets/${place || 'numbers.private.ts'}: expected a number table that can be read; ${message}`,
    );
  }
}
