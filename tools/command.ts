import { Console } from 'node:console';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { type ParseArgsConfig, parseArgs, styleText, types } from 'node:util';
import { distance } from 'fastest-levenshtein';
import { removeLeftOvers } from './program';
import { processShell, type Shell } from './shell';
import { alignColumns, messageOf, wrap } from './text';

/** Options by name, for `parseArgs`; `value` names what the option takes, `help` says what it means. */
export type Options = Readonly<Record<string, Option>>;
type Option = NonNullable<ParseArgsConfig['options']>[string] & { readonly value?: string; readonly help: string };

/** An option without a value. */
export const flag = (help: string) => ({ type: 'boolean', default: false, help }) as const;

/** An option with a value, whose name the help shows; `undefined` by default. */
export const text = (value: string, help: string) => ({ type: 'string', value, help }) as const;

/** An option with a value that has a default. */
export const textOr = (preset: string, value: string, help: string) => ({ ...text(value, help), default: preset });

const helpOption = { help: flag('show this text') };

/** The option of every command whose result a program may read. */
export const jsonOption = { json: flag('one JSON object instead of text') };

/** Options of every command that looks at a deployment. */
export const deploymentOptions = {
  environment: text('NAME', 'the deployed environment (default: dev)'),
  production: flag('the environment without a suffix'),
  env: textOr('.env', 'FILE', 'the settings (default: .env)'),
  ...jsonOption,
};

/** The option of every command that looks at numbers. */
export const domainOption = { domain: text('HOST', 'a custom domain that leads to the deployment') };

/** The host name of `--domain` in lower case; throws if it isn't one. */
export function parseDomain(domain: string | undefined): string | undefined {
  if (domain === undefined) return undefined;
  if (/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i.test(domain)) return domain.toLowerCase();
  throw new Error(`--domain: expected a host name such as voice.example.com; found "${domain}"`);
}

/** Options that name an environment. */
export interface EnvironmentOptions {
  readonly environment?: string | undefined;
  readonly production: boolean;
}

/** The suffix of the environment that these options name, `''` for production; throws if that isn't certain. */
export function suffixOf({ environment, production }: EnvironmentOptions, { env }: Pick<Shell, 'env'>): string {
  if (production && environment !== undefined) {
    throw new Error(`--environment "${environment}" and --production can't be combined`);
  }
  if (production) return '';
  // All that npm leaves of a --production before the `--`, which it takes for an option of its own.
  if (environment === undefined && env.NODE_ENV === 'production') {
    throw new Error('NODE_ENV is production: say which environment, with -- --production or -- --environment dev');
  }
  const suffix = environment ?? 'dev';
  // An empty one is an unset variable of a pipeline, and would mean production.
  if (!/^[A-Za-z0-9-]{1,16}$/.test(suffix)) {
    throw new Error(`--environment: expected 1 to 16 letters, digits or dashes; found "${suffix}"`);
  }
  return suffix;
}

/** Writes a command as people type it, such as `npm run wire -- +15550100100 --production`. */
export type CommandLine = (name: string, ...words: readonly string[]) => string;

/** Writes commands with the options that name this deployment and env file: without them, they'd be about others. */
export function commandLineFor(
  values: EnvironmentOptions & { readonly env: string; readonly domain?: string | undefined },
): CommandLine {
  const { environment, production, env, domain } = values;
  const deployment = [
    ...(production ? ['--production'] : []),
    ...(environment === undefined ? [] : ['--environment', environment]),
    ...(env === '.env' ? [] : ['--env', env]),
  ];
  return (name, ...words) => {
    const numbers = domain === undefined || name === 'deploy' ? [] : ['--domain', domain];
    const all = [...words, ...deployment, ...numbers];
    return all.length === 0 ? `npm run ${name}` : `npm run ${name} -- ${all.join(' ')}`;
  };
}

/** What a command prints to stdout, and its exit status. */
export interface Result {
  readonly text: string;
  readonly exitStatus: number;
}

type Arguments<O extends Options> = { args: string[]; options: O & typeof helpOption; allowPositionals: true };
type Values<O extends Options> = ReturnType<typeof parseArgs<Arguments<O>>>['values'];

/** A list in the help of a command. */
export interface HelpTable {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** A command that people run with `npm run`. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** What follows the name on the first line of its help, such as `[options]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: O;
  /** Whether it takes arguments that aren't options. */
  readonly positionals?: boolean;
  /** The last paragraphs of its help. */
  readonly notes: readonly string[];
  /** Lists at the end of its help. */
  readonly tables?: readonly HelpTable[];
  /** Begins the message of an error that ends the command, such as `Nothing was deployed`. */
  readonly failure: string;
  /** The exit status after such an error (default: 1). */
  readonly failureStatus?: number;
  run(values: Values<O>, positionals: readonly string[], shell: Shell): Promise<Result>;
}

/** Checks a command's types, and returns it. */
export const defineCommand = <const O extends Options>(command: Command<O>): Command<O> => command;

/** Runs a command to its end. Its text goes to stdout, errors go to stderr. Returns its exit status; never rejects. */
export async function execute<const O extends Options>(command: Command<O>, shell: Shell): Promise<number> {
  try {
    const { text, exitStatus } = await runWithArguments(command, shell);
    shell.stdout.write(`${text}\n`);
    return exitStatus;
  } catch (error) {
    return reportFailure(command, shell, error);
  }
}

function reportFailure(
  { failure, failureStatus = 1 }: Pick<Command, 'failure' | 'failureStatus'>,
  { args, stdout, stderr }: Pick<Shell, 'args' | 'stdout' | 'stderr'>,
  error: unknown,
): number {
  const message = `${failure}: ${messageOf(error)}`;
  // Whoever asks for JSON gets it, whatever happens.
  if (args.includes('--json')) stdout.write(`${JSON.stringify({ ok: false, error: message })}\n`);
  stderr.write(`${message}\n`);
  return failureStatus;
}

/**
 * Runs a command as this process, and ends it. Ctrl-C, a service manager or a closed terminal ends it at once, after it
 * has undone what it registered with `atEnd`; programs and temporary folders end with this process.
 */
export async function runCommand<const O extends Options>(command: Command<O>): Promise<void> {
  const acts: (() => Promise<void>)[] = [];
  const { exit, stdout } = process;
  const shell = processShell();
  let hasEnded = false;
  const end = async (exitStatus: number, isStopped: boolean): Promise<void> => {
    if (hasEnded) return;
    hasEnded = true;
    const results = await Promise.allSettled(acts.map((act) => act()));
    const left = results.flatMap((result) => (result.status === 'rejected' ? messageOf(result.reason) : []));
    for (const message of left) process.stderr.write(`${message}\n`);
    const farewell = left.length > 0 ? 'Stopped.\n' : 'Stopped; nothing is left running.\n';
    process.stderr.write(isStopped ? farewell : '', () => stdout.write('', () => exit(exitStatus)));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    process.on(signal, () => void end(130, true));
  }
  process.on('uncaughtException', (error) => {
    // A reader of the output, such as `head`, has read enough.
    if (types.isNativeError(error) && 'code' in error && error.code === 'EPIPE') return void end(130, true);
    if (!hasEnded) void end(reportFailure(command, shell, error), false);
  });
  // The number table is the owner's code: it must neither print into the result nor end the command.
  globalThis.console = new Console(process.stderr);
  Object.defineProperty(process, 'stdout', { value: process.stderr });
  process.exit = () => {
    throw new Error('process.exit was called');
  };
  const tooOld = ageProblem(process.versions.node);
  if (tooOld !== undefined) return void end(reportFailure(command, shell, new Error(tooOld)), false);
  removeLeftOvers();
  const status = await execute(command, { ...shell, atEnd: (act) => void acts.push(act) });
  await end(status, false);
}

/** What is wrong with this version of Node.js; `undefined` if nothing is. npm only warns of it. */
export function ageProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 18);
  return isEnough ? undefined : `expected Node.js 20.18, 22, 24 or 26; found ${version}`;
}

async function runWithArguments<const O extends Options>(command: Command<O>, shell: Shell): Promise<Result> {
  const args = [...shell.args];
  const { help } = parseArgs({ args, options: helpOption, strict: false }).values;
  if (help === true) return { text: helpOf(command, screenOf(shell).width), exitStatus: 0 };
  const options = { ...command.options, ...helpOption };
  refuseSwallowed(command, shell);
  const unknown = args.find((arg) => /^--?[^\d=-]/.test(arg) && !Object.hasOwn(options, arg.replace(/^--|=.*$/g, '')));
  const isBehindDashes = unknown !== undefined && args.slice(0, args.indexOf(unknown)).includes('--');
  if (unknown !== undefined && !isBehindDashes) throw new Error(describeUnknown(unknown, Object.keys(options)));
  const { values, positionals } = readArguments<O>(args, options);
  if (positionals.length > 0 && !command.positionals) throw new Error(`"${positionals[0]}": expected options only`);
  return command.run(values, positionals, shell);
}

function readArguments<O extends Options>(args: string[], options: O & typeof helpOption) {
  try {
    return parseArgs<Arguments<O>>({ args, options, allowPositionals: true });
  } catch (error) {
    // Node.js says in three lines what such a text could have meant.
    const [name = ''] = /--[\w-]+/.exec(messageOf(error)) ?? [];
    const value = Object.entries<Option>(options).find(([option]) => `--${option}` === name)?.[1].value;
    throw value === undefined ? error : new Error(`${name}: expected a value, as in ${name} ${value}`);
  }
}

/** What to say of an option that a command doesn't have. */
function describeUnknown(arg: string, options: readonly string[]): string {
  const name = arg.replace(/^--?|=.*$/g, '');
  const meant = options.find((option) => option === name || isMisspelt(name, option));
  return `there is no option ${arg.replace(/=.*$/, '')}; ${meant === undefined ? '--help lists them' : `did you mean --${meant}?`}`;
}

/** Options that npm from version 11 on knows by another name, as the beginning of one of its own. */
const npmNames: Readonly<Record<string, readonly string[]>> = { to: ['token-description'] };

/**
 * Throws if npm has taken one of the command's options for itself, as it does without the `--` before them. It leaves
 * them in the environment, and the command would be another one than the one that was meant.
 */
function refuseSwallowed({ name, options }: Pick<Command, 'name' | 'options'>, { args, env }: Shell): void {
  const swallowed = Object.entries<Option>(options).flatMap(([option, { type }]) => {
    const taken = [option, ...(npmNames[option] ?? [])].map((one) => env[`npm_config_${one.replaceAll('-', '_')}`]);
    const value = taken.find((one) => one !== undefined);
    const isGiven = args.some((arg) => arg === `--${option}` || arg.startsWith(`--${option}=`));
    // npm itself has an empty `yes`; an empty value of another one is an unset variable of a pipeline.
    const isTaken = type === 'boolean' ? Boolean(value) : value !== undefined;
    return isTaken && !isGiven ? { option, value: type === 'boolean' ? '' : (value ?? '') } : [];
  });
  if (swallowed.length > 0) {
    const words = swallowed.map(({ option, value }) => (value === '' ? `--${option}` : `--${option} ${value}`));
    // All that npm leaves of this one.
    const production = env.NODE_ENV === 'production' && 'production' in options ? ['--production'] : [];
    const taken = swallowed.map(({ option }) => `--${option}`).join(' and ');
    const meant = [...args, ...words, ...production].join(' ');
    throw new Error(
      `npm took ${taken} for an option of its own: write npm run ${name} -- ${meant}, with -- before the options; if it is npm's own setting here, unset it for this command`,
    );
  }
  for (const [variable] of Object.entries(env)) {
    const [, taken] = /^npm_config_(\w+)$/.exec(variable) ?? [];
    const meant = taken && Object.keys(options).find((option) => isMisspelt(taken.replaceAll('_', '-'), option));
    if (!meant) continue;
    throw new Error(
      `npm took --${taken?.replaceAll('_', '-')} for an option of its own: did you mean npm run ${name} -- --${meant}?`,
    );
  }
}

/** Whether a word is most likely an option that was cut short or misspelt; short words are too near to npm's own. */
function isMisspelt(word: string, option: string): boolean {
  if (word === option || word.length < 3) return false;
  return option.startsWith(word) || (word.length >= 4 && distance(word, option) <= (word.length < 6 ? 1 : 2));
}

/** The help text of a command. */
function helpOf<const O extends Options>(command: Command<O>, width = 100): string {
  const { name, usage, summary, options, notes, tables = [] } = command;
  const all = Object.entries<Option>({ ...options, ...helpOption });
  const rows = all.map(([option, { value, help }]) => [value ? `--${option} ${value}` : `--${option}`, help]);
  return [
    `npm run ${name} -- ${usage}`,
    wrap(summary, width),
    alignColumns(rows, width),
    ...notes.map((note) => wrap(note, width)),
    ...tables.map((table) => `${table.title}\n${alignColumns(table.rows, width)}`),
  ].join('\n\n');
}

/** Says on stderr what a command is doing. */
export const progress = ({ stderr }: Shell, step: string): void => void stderr.write(`${step} …\n`);

/** Asks on the terminal whether to go on; `undefined` without a terminal. */
export async function askToGoOn({ stdin, stderr }: Shell): Promise<boolean | undefined> {
  if (!stdin.isTTY) return undefined;
  const prompt = createInterface({ input: stdin, output: stderr });
  // Ctrl-C and Ctrl-D close the prompt without an answer.
  const closed = once(prompt, 'close').then(() => '');
  const typed = await Promise.race([prompt.question('Type yes to do this: '), closed]);
  prompt.close();
  return typed.trim() === 'yes';
}

/** Colours a text if stdout shows colours. */
export type Paint = (name: 'red' | 'green' | 'gray', text: string) => string;

/** What a command prints on. */
export interface Screen {
  readonly paint: Paint;
  /** Characters in a line; `undefined` where there is no terminal, and lines have no end. */
  readonly width: number | undefined;
}

/**
 * The screen of this shell's stdout. A terminal has colours, or whatever FORCE_COLOR asks for them, and never with
 * NO_COLOR.
 */
export function screenOf({ stdout, env }: Pick<Shell, 'stdout' | 'env'>): Screen {
  const isForced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
  const hasColours = isForced || (stdout.isTTY === true && env.NO_COLOR === undefined && env.FORCE_COLOR !== '0');
  return {
    paint: (name, text) => (hasColours ? styleText(name, text, { validateStream: false }) : text),
    width: stdout.isTTY ? stdout.columns : undefined,
  };
}
