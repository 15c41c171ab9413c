import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NumberTable } from '../../src/assets/settings.private';
import { watchUnhandled } from '../../src/assets/unhandled.private';
import type { Environment } from '../environment';
import { messageOf } from '../text';
import { withVariables } from './owner-variables';

/**
 * Loads the number table of a project, or of a copy of its `src`, with the variables that it has in the cloud; throws
 * the place of a mistake in it.
 */
export async function loadNumberTable(project: string, variables: Environment): Promise<NumberTable> {
  const unhandled = watchUnhandled();
  const load = async (): Promise<NumberTable> => {
    // Not `import`, which takes a path as a URL, in which `#` and `%` mean something else.
    const module: { readonly numbers: NumberTable } = require(join(project, 'src/assets/numbers.private'));
    // Node.js reports a rejection that nobody handles only after this turn.
    await nextTurn();
    return module.numbers;
  };
  try {
    return await withVariables(variables, () => unhandled.run(load));
  } catch (error) {
    throw new Error(`${placeInTable(error)}: expected a number table that can be read; ${messageOf(error)}`);
  } finally {
    unhandled.end();
  }
}

/** Where in the source an error of the owner's code was thrown, as far as its stack says. */
export function placeInTable(error: unknown): string {
  // The bridge's own modules that run the owner's code may be in the stack, too.
  const place = /src\/assets\/(?!unhandled|lookup)[\w./-]+\.private\.ts:\d+:\d+/.exec(stackOf(error))?.[0];
  return place ?? 'src/assets/numbers.private.ts';
}

/** The owner's code may throw what throws again when it's read. */
function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack) : '';
  } catch {
    return '';
  }
}
