import { join } from 'node:path';
import { types } from 'node:util';
import type { NumberTable } from '../../src/assets/settings.private';
import { messageOf } from '../text';

/** Loads the number table of a project, or of a copy of its `src`; throws the place of a mistake in it. */
export async function loadNumberTable(project: string): Promise<NumberTable> {
  try {
    const module: { readonly numbers?: NumberTable } = await import(join(project, 'src/assets/numbers.private'));
    if (module.numbers === undefined) throw new Error('it exports no `numbers`');
    return module.numbers;
  } catch (error) {
    throw new Error(`${placeInTable(error)}: expected a number table that can be read; ${messageOf(error)}`);
  }
}

/** Where in the number table an error was thrown, as far as its stack says. */
export function placeInTable(error: unknown): string {
  const place = types.isNativeError(error) ? /numbers\.private\.ts:\d+:\d+/.exec(String(error.stack))?.[0] : undefined;
  return `src/assets/${place ?? 'numbers.private.ts'}`;
}
