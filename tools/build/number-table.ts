import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { variables as settings, type Variable } from '../../src/assets/environment.private';
import { type NumberTable, readSettings } from '../../src/assets/settings.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
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
    const numbers = await withVariables(variables, () => unhandled.run(load));
    refuseOddEntries(numbers);
    return numbers;
  } catch (error) {
    const message = withoutSecrets(messageOf(error), variables);
    throw new Error(`${placeInTable(error)}: expected a number table that can be read; ${message}`);
  } finally {
    unhandled.end();
  }
}

/** Throws which entry has another form than its type, which the compiler doesn't see behind a cast or in JavaScript. */
function refuseOddEntries(numbers: NumberTable): void {
  if (!(numbers instanceof Object)) throw new Error('it exports no `numbers`');
  for (const [number, entry] of Object.entries(numbers)) {
    try {
      if (!(entry instanceof Object)) throw new Error('it holds no settings');
      readSettings({}, numbers, parseAddress(number));
    } catch (error) {
      const where = 'NumberSettings in src/assets/settings.private.ts says what each field takes';
      throw new Error(`the entry of ${number} has another form than its type (${messageOf(error)}): ${where}`);
    }
  }
}

/** A text without the secrets of these variables, which the owner's code may put into an error. */
export function withoutSecrets(text: string, variables: Environment): string {
  const shown = Object.values(settings).flatMap(({ name, secret }: Variable<unknown>) => (secret ? [] : name));
  const hidden = Object.entries(variables).filter(([name, value]) => !shown.includes(name) && value.length >= 8);
  return hidden.reduce((rest, [, value]) => rest.replaceAll(value, '…'), text);
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
