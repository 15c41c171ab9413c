import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
// The version with which twilio-run parses `.env`; a newer one reads comments and line breaks differently.
import { parse } from 'dotenv';
import { variables } from '../src/assets/environment.private';
import type { Shell } from './shell';
import { messageOf } from './text';

/** The names of all settings in the environment, without the fields that only the number table has. */
export const settingNames: readonly string[] = Object.values(variables).flatMap(({ name }) => name || []);

/** Names that are never uploaded, so that they count for no limit. */
export const credentials: readonly string[] = ['ACCOUNT_SID', 'AUTH_TOKEN', 'TWILIO_REGION'];

/** Credentials under these names would be uploaded, and readable for everybody with access to the service. */
export const secretCredentials: readonly string[] = ['TWILIO_API_KEY', 'TWILIO_API_SECRET', 'TWILIO_AUTH_TOKEN'];

/** Variables by name. */
export type Environment = Readonly<Record<string, string>>;

type EnvShell = Pick<Shell, 'env' | 'project'>;

/** The content of an env file; `undefined` for a `.env` that doesn't exist. Throws if any other file doesn't. */
export function readEnvFile({ project }: EnvShell, file: string): Buffer | undefined {
  if (file === '') throw new Error('--env: expected a file; found nothing');
  const path = resolve(project, file);
  if (!existsSync(path)) {
    if (path === resolve(project, '.env')) return undefined;
    throw new Error(`--env: expected a file; there is no ${file}`);
  }
  const found = statSync(path);
  // A pipe gives its text once, and a command reads it more than once.
  if (!found.isFile())
    throw new Error(`${file}: expected a file; found a ${found.isDirectory() ? 'folder' : 'pipe or device'}`);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${file}: expected a file that this user can read; ${messageOf(error)}`);
  }
}

/** The settings of the env file and, for what it doesn't set, the variables of the shell, as a pipeline has them. */
export function readEnvironment(shell: EnvShell, file: string): Environment {
  // A secret of a pipeline often ends in a line break, which no setting has.
  const fromShell = settingNames.map((name): [string, string] => [name, (shell.env[name] ?? '').trim()]);
  const fromFile = Object.entries(parse(readEnvFile(shell, file) ?? ''));
  return Object.fromEntries([...fromShell, ...fromFile].filter(([, value]) => value !== ''));
}

/** A value without the quotes around it. */
export const unquoted = (value: string): string => value.replace(/^(["'])(.*)\1$/s, '$2');

/** Writes variables as an env file in which twilio-run reads the same values; throws for a value that can't be held. */
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
