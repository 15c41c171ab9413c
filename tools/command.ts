import { type ParseArgsConfig, parseArgs, types } from 'node:util';
import { alignColumns } from './table';
import { removeLeftOvers } from './temporary';

/** Options by name, for `parseArgs`; `value` names what the option takes, `help` says what it means. */
type Options = Readonly<Record<string, Option>>;
type Option = NonNullable<ParseArgsConfig['options']>[string] & { readonly value?: string; readonly help: string };

/** An option that is given or not. */
export const flag = (help: string) => ({ type: 'boolean', default: false, help }) as const;

/** An option with a value, which the help names so; `undefined` unless given. */
export const text = (value: string, help: string) => ({ type: 'string', value, help }) as const;

/** An option with a value that has a default. */
export const textOr = (preset: string, value: string, help: string) => ({ ...text(value, help), default: preset });

const helpOption = { help: flag('show this text') };

/** The option of every command whose result a program may read. */
export const jsonOption = { json: flag('one JSON object instead of text') };

/** Options of every command that looks at a deployment. */
export const deploymentOptions = {
  environment: text('NAME', 'the deployed environment; dev unless given'),
  production: flag('the environment without a suffix'),
  env: textOr('.env', 'FILE', 'settings; .env unless given'),
  ...jsonOption,
};

/** The option of every command that looks at numbers. */
export const domainOption = { domain: text('HOST', 'a custom domain that leads to the deployment') };

/** The host name that `--domain` gives, in lower case; throws when it isn't one. */
export function parseDomain(domain: string | undefined): string | undefined {
  if (domain === undefined) return undefined;
  if (/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i.test(domain)) return domain.toLowerCase();
  throw new Error(`--domain: expected a host name such as voice.example.com; found "${domain}"`);
}

/** The suffix of the environment that these options name, empty for production; throws when they name none, or two. */
export function suffixOf({ environment, production }: { environment?: string; production: boolean }): string {
  if (production && environment !== undefined) {
    throw new Error(`--environment "${environment}" and --production: expected one of them`);
  }
  if (production) return '';
  const suffix = environment ?? 'dev';
  // An empty one is an unset variable of a pipeline, and would mean production.
  if (!/^[A-Za-z0-9-]{1,16}$/.test(suffix)) {
    throw new Error(`--environment: expected 1 to 16 letters, digits or dashes; found "${suffix}"`);
  }
  return suffix;
}

/** What a command prints, and its exit status. */
export interface Result {
  readonly text: string;
  readonly exitStatus: number;
}

type Arguments<O extends Options> = { options: O & typeof helpOption; allowPositionals: true };
type Values<O extends Options> = ReturnType<typeof parseArgs<Arguments<O>>>['values'];

/** A command that people run with `npm run`. */
export interface Command<O extends Options> {
  readonly name: string;
  /** What follows the name on the first line of its help, such as `[options]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: O;
  /** Whether it takes arguments that aren't options. */
  readonly positionals?: boolean;
  /** The last lines of its help. */
  readonly notes: string;
  /** Begins the message of an error that ends the command, such as `Nothing was deployed`. */
  readonly failure: string;
  /** The exit status after such an error; 1 unless given. */
  readonly failureStatus?: number;
  run(values: Values<O>, positionals: readonly string[], atEnd: AtEnd): Promise<Result>;
}

/** Registers what has to be undone however the command ends; a rejection says that it was not. */
export type AtEnd = (act: () => Promise<void>) => void;

/**
 * Runs a command to its end: its text goes to stdout, an error to stderr. Ctrl-C, a service manager or a closed terminal
 * ends it at once, after what it has to undo; programs and temporary folders end with this process.
 */
export async function runCommand<const O extends Options>(command: Command<O>): Promise<void> {
  const acts: (() => Promise<void>)[] = [];
  let hasEnded = false;
  /** Undoes what has to be undone, prints the text for what is left of that, and exits; only the first end counts. */
  const end = async (exitStatus: number, stream: NodeJS.WriteStream, text: (left: number) => string): Promise<void> => {
    if (hasEnded) return;
    hasEnded = true;
    const results = await Promise.allSettled(acts.map((act) => act()));
    const left = results.flatMap((result) => (result.status === 'rejected' ? String(result.reason.message) : []));
    for (const message of left) process.stderr.write(`${message}\n`);
    stream.write(`${text(left.length)}\n`, () => process.exit(exitStatus));
  };
  const stopped = (left: number): string => `Stopped${left > 0 ? '' : '; nothing is left running'}.`;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    process.on(signal, () => void end(130, process.stderr, stopped));
  }
  const fail = (error: unknown): void => {
    if (hasEnded) return;
    // Whoever reads the output, such as `head`, has read enough.
    if (types.isNativeError(error) && 'code' in error && error.code === 'EPIPE') {
      return void end(130, process.stderr, stopped);
    }
    const message = `${command.failure}: ${error instanceof Error ? error.message : String(error)}`;
    // Whoever asks for JSON gets it, whatever happens.
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ ok: false, error: message })}\n`);
    void end(command.failureStatus ?? 1, process.stderr, () => message);
  };
  process.on('uncaughtException', fail);
  // The number table is the owner's code, and what it prints must not get into the result.
  console.log = console.error;
  removeLeftOvers();
  try {
    const { text, exitStatus } = await runWithArguments(command, (act) => void acts.push(act));
    await end(exitStatus, process.stdout, () => text);
  } catch (error) {
    fail(error);
  }
}

async function runWithArguments<const O extends Options>(command: Command<O>, atEnd: AtEnd): Promise<Result> {
  const { help } = parseArgs({ options: helpOption, strict: false }).values;
  if (help === true) return { text: helpOf(command), exitStatus: 0 };
  const options = { ...command.options, ...helpOption };
  const { values, positionals } = parseArgs<Arguments<O>>({ options, allowPositionals: true });
  if (positionals.length > 0 && !command.positionals) throw new Error(`"${positionals[0]}": expected options only`);
  return command.run(values, positionals, atEnd);
}

/** The help text of a command. */
function helpOf<const O extends Options>({ name, usage, summary, options, notes }: Command<O>): string {
  const all = Object.entries<Option>({ ...options, ...helpOption });
  const rows = all.map(([option, { value, help }]) => [value ? `--${option} ${value}` : `--${option}`, help]);
  return `npm run ${name} -- ${usage}\n\n${summary}\n\n${alignColumns(rows)}\n\n${notes}`;
}
