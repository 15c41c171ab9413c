import { createInterface } from 'node:readline/promises';

/** Asks on the terminal whether to go on; `undefined` where there is no terminal to ask on. */
export async function askToGoOn(): Promise<boolean | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await prompt.question('Type yes to do this: ');
  prompt.close();
  return typed.trim() === 'yes';
}
