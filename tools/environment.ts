import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
// The version that twilio-run parses `.env` with: a newer one reads comments and line breaks differently.
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'dotenv';
import { variables } from '../src/assets/environment.private';

/** The names of all settings in the environment; fields that only the number table has are not among them. */
export const settingNames: readonly string[] = Object.values(variables).flatMap(({ name }) => name || []);

/** Settings of earlier versions, which `CALL_ROUTE` has replaced. */
export const retiredNames: readonly string[] = ['FALLBACK_NUMBER', 'FALLBACK_VOICEMAIL'];

/** Variables by name. */
export type Environment = Readonly<Record<string, string>>;

const defaultFile = resolve(__dirname, '../.env');

/** The content of an env file; empty when it is `.env`, which need not exist. Throws for any other file that doesn't. */
export function readEnvFileContent(file = defaultFile): Buffer {
  if (existsSync(file)) return readFileSync(file);
  if (resolve(file) === defaultFile) return Buffer.alloc(0);
  throw new Error(`--env: expected a file; there is no ${file}`);
}

/** The variables of an env file as the emulator and the deployment read them. */
export function readEnvFile(file?: string): Environment {
  return parse(readEnvFileContent(file));
}

/** The settings of the env file and, where it has none, those that a pipeline gives as variables of the shell. */
export function readEnvironment(file?: string): Environment {
  // A secret of a pipeline often ends in a line break, which no setting has.
  const shell = settingNames.map((name): [string, string] => [name, (process.env[name] ?? '').trim()]);
  return Object.fromEntries([...shell, ...Object.entries(readEnvFile(file))].filter(([, value]) => value !== ''));
}

/**
 * Variables as the text of an env file, from which twilio-run reads the same values again, byte for byte; throws for a
 * value that no env file can hold.
 */
export function formatEnvFile(environment: Environment): string {
  const lines = Object.entries(environment).map(([name, value]) => formatLine(name, value));
  return lines.join('');
}

function formatLine(name: string, value: string): string {
  const forms = [value, `'${value}'`, `"${value.replaceAll('\n', '\\n')}"`];
  const lines = forms.map((form) => `${name}=${form}\n`);
  const line = lines.find((text) => isDeepStrictEqual(parse(text), { [name]: value }));
  if (line !== undefined) return line;
  throw new Error(`${name}: expected a value that an env file can hold; change its quotes, backslashes or line breaks`);
}
