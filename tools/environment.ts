import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
// The version that twilio-run parses `.env` with: a newer one reads comments and line breaks differently.
import { parse } from 'dotenv';
import { variables } from '../src/assets/environment.private';

/** Variables by name. */
export type Environment = Readonly<Record<string, string>>;

/** The variables of an env file as the emulator and the deployment read them; empty when there is no such file. */
export function readEnvFile(file = resolve(__dirname, '../.env')): Environment {
  return existsSync(file) ? parse(readFileSync(file)) : {};
}

/** The settings of the env file and, where it has none, those that a pipeline gives as variables of the shell. */
export function readEnvironment(file?: string): Environment {
  const names = Object.values(variables).map(({ name }) => name);
  const shell = names.map((name) => [name, process.env[name] ?? ''] as const).filter(([, value]) => value !== '');
  return { ...Object.fromEntries(shell), ...readEnvFile(file) };
}

/** Variables as the text of an env file. */
export const formatEnvFile = (environment: Environment): string =>
  Object.entries(environment)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
