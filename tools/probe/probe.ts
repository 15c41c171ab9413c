import { e164 } from '../../src/assets/twilio/address.private';
import { formatRealCall, realCallOf } from '../calls/real-call';
import {
  askToGoOn,
  type CommandLine,
  commandLineFor,
  defineCommand,
  deploymentOptions,
  domainOption,
  flag,
  parseDomain,
  progress,
  type Result,
  runCommand,
  screenOf,
  suffixOf,
  textOr,
} from '../command';
import { type Finding, formatFindings } from '../finding';
import type { Shell } from '../shell';
import { openService } from '../twilio/service';
import { findParties, placeTestCall, readTestCall } from './test-call';
import { type Expectation, expectations, judge } from './verdict';

/** Milliseconds that the platforms have to write their records of a call that is over. */
const settleMs = 30_000;

/** What the command was asked for. */
interface ProbeOptions {
  readonly to: string;
  readonly from: string | undefined;
  /** Seconds to hold the line. */
  readonly seconds: number;
  readonly expected: Expectation;
  readonly yes: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
  readonly env: string;
  readonly suffix: string;
  readonly customDomain: string | undefined;
  /** Writes the commands of the fixes. */
  readonly command: CommandLine;
}

async function placeProbe(shell: Shell, options: ProbeOptions): Promise<Result> {
  const { seconds, expected, json } = options;
  const service = await openService(shell, options);
  const parties = await findParties(service, options.to, options.from);
  shell.stderr.write(`Calls ${parties.to} from ${parties.from}, holds the line for ${seconds} s, and hangs up.\n`);
  shell.stderr.write('Twilio bills both legs, and Synthflow the agent: a few cents.\n');
  const isWanted = options.yes || (await askToGoOn(shell));
  if (isWanted === undefined) throw new Error('give --yes to call without a terminal');
  if (!isWanted) throw new Error('nobody typed yes');
  const call = { ...parties, seconds };
  const placed = await placeTestCall(service, call);
  if (placed === undefined) return unread("Twilio doesn't say that it has ended", json);
  progress(shell, 'The call has ended; waiting for its records');
  const records = await readTestCall(service, call, placed, settleMs).catch((error: Error) => error);
  if (records instanceof Error) return unread(`its records could not be read: ${records.message}`, json);
  const { reached, findings } = judge(placed, records, expected, options.command);
  const real = records && realCallOf(records);
  const exitStatus = reached ? 0 : 1;
  if (json) return { text: JSON.stringify({ ok: reached, findings, call: real }), exitStatus };
  const shown = real === undefined ? [] : [formatRealCall(real, options.verbose, screenOf(shell))];
  const parts = [...shown, formatFindings(findings, screenOf(shell).width), sayResult(expected, reached, findings)];
  return { text: parts.join('\n\n'), exitStatus };
}

/** The result of a call that was placed, and about which nothing is known. */
function unread(why: string, json: boolean): Result {
  const error = `The call was placed, but ${why}`;
  return { text: json ? JSON.stringify({ ok: false, error }) : error, exitStatus: 2 };
}

function sayResult(expected: Expectation, reached: boolean, findings: readonly Finding[]): string {
  const isAgentOk = findings.some(({ subject, result }) => subject === 'agent' && result === 'ok');
  if (!reached && isAgentOk) return 'The agent talked, but something else failed: see above.';
  if (expected === 'transfer') return `A transfer was ${reached ? '' : 'not '}made.`;
  return `The agent was ${reached ? '' : 'not '}reached.`;
}

function parseSeconds(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 5 && Number(text) <= 120) return Number(text);
  throw new Error(`--seconds: expected a whole number from 5 to 120; found "${text}"`);
}

function parseExpectation(text: string): Expectation {
  const found = expectations.find((one) => one === text);
  if (found !== undefined) return found;
  throw new Error(`--expect: expected ${expectations.join(' or ')}; found "${text}"`);
}

/** `npm run probe` */
export const probe = defineCommand({
  name: 'probe',
  usage: '+15550100100 [options]',
  summary: 'Rings a wired number for real, and says whether the agent answered. It costs a few cents.',
  options: {
    from: textOr('', 'NUMBER', 'the number of your account that calls (default: one that is not wired)'),
    seconds: textOr('20', 'N', 'how long to hold the line (default: 20)'),
    expect: textOr('agent', 'WHAT', 'agent or transfer, which the agent has to make (default: agent)'),
    yes: flag('call without asking'),
    verbose: flag('every message whole'),
    ...domainOption,
    ...deploymentOptions,
  },
  positionals: true,
  notes: ['Exit status: 0 the agent was reached, 1 it was not, 2 the call could not be placed or read.'],
  failure: 'The call could not be placed',
  failureStatus: 2,
  run: (values, [to, ...others], shell) => {
    if (to === undefined || others.length > 0) {
      throw new Error('expected one number that is wired, such as npm run probe -- +15550100100');
    }
    if (!e164.test(to)) throw new Error(`"${to}": expected a number in E.164, such as +15550100100`);
    return placeProbe(shell, {
      to,
      from: values.from || undefined,
      seconds: parseSeconds(values.seconds),
      expected: parseExpectation(values.expect),
      yes: values.yes,
      verbose: values.verbose,
      json: values.json,
      env: values.env,
      suffix: suffixOf(values, shell),
      customDomain: parseDomain(values.domain),
      command: commandLineFor(values),
    });
  },
});

if (require.main === module) void runCommand(probe);
