import { join, resolve } from 'node:path';
import type { NumberTable } from '../src/assets/settings.private';

/** The number table that people edit, or that of a copy of `src`; throws with the place of a mistake that keeps it from being read. */
export async function loadNumberTable(source = resolve(__dirname, '../src')): Promise<NumberTable> {
  try {
    const module: { readonly numbers?: NumberTable } = await import(join(source, 'assets/numbers.private'));
    if (module.numbers === undefined) throw new Error('it exports no `numbers`');
    return module.numbers;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${placeInTable(error)}: expected a number table that can be read; ${message}`);
  }
}

/** Where in the number table an error was thrown, as far as that is known. */
export function placeInTable(error: unknown): string {
  const place = error instanceof Error ? /numbers\.private\.ts:\d+:\d+/.exec(String(error.stack))?.[0] : undefined;
  return `src/assets/${place ?? 'numbers.private.ts'}`;
}
