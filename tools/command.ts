/** Options of every command that looks at a deployment. */
export const deploymentOptions = {
  env: { type: 'string', default: '.env' },
  environment: { type: 'string', default: 'dev' },
  production: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What {@link deploymentOptions} mean, for a usage text. */
export const deploymentUsage = `--environment NAME   the deployed environment; dev unless given
--production         the environment without a suffix
--env FILE           settings; .env unless given
--json               one JSON object instead of text`;

/** Options of every command that writes a page of docs, or checks it. */
export const proofOptions = {
  check: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** The suffix of the environment that these options name; empty for production. */
export const suffixOf = ({ environment, production }: { environment: string; production: boolean }): string =>
  production ? '' : environment;

/** Calls back when somebody asks this process to end: Ctrl-C, a service manager, a closed terminal. Asking twice ends it at once. */
export function onInterrupt(stop: () => void): void {
  let asked = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (asked) process.exit(130);
      asked = true;
      stop();
    });
  }
}

/** What a command has to say, and its exit status. */
export interface Result {
  readonly text: string;
  readonly exitStatus: number;
}

/** Runs a command to its end: its text goes to stdout, an error to stderr with this status. */
export async function run(main: () => Promise<Result>, failure: string, failureStatus = 1): Promise<never> {
  try {
    const { text, exitStatus } = await main();
    process.stdout.write(`${text}\n`, () => process.exit(exitStatus));
  } catch (error) {
    process.stderr.write(`${failure}: ${error instanceof Error ? error.message : String(error)}\n`, () =>
      process.exit(failureStatus),
    );
  }
  // The callbacks above end the process, once all is written.
  return new Promise(() => undefined);
}
