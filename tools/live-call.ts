import { type AtEnd, parseDomain, type Result, suffixOf } from './command';
import { realCallOf } from './live/call/real-call';
import { type Finding, formatFindings } from './live/report';
import { openService } from './live/service';
import { findParties, placeTestCall, readTestCall } from './live/test-call';
import { type Expectation, expectations, judge } from './live/verdict';
import { askToGoOn } from './question';
import { formatRealCall } from './story';

/** What `npm run call -- --live` was given. */
export interface LiveCommand {
  readonly live: string;
  readonly from: string;
  readonly seconds: string;
  readonly expect: string;
  readonly yes: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
  readonly env: string;
  readonly domain?: string | undefined;
  readonly environment?: string;
  readonly production: boolean;
}

/** Milliseconds that the platforms have to write their records of a call that is over. */
const settleMs = 30_000;

/** Rings a real number, and tells what became of the call. */
export async function placeLiveCall(command: LiveCommand, atEnd: AtEnd): Promise<Result> {
  const seconds = parseSeconds(command.seconds);
  const expected = parseExpectation(command.expect);
  const customDomain = parseDomain(command.domain);
  const service = await openService(command.env, suffixOf(command), customDomain);
  const parties = await findParties(service, command.live, command.from || undefined);
  process.stderr.write(`Calls ${parties.to} from ${parties.from}, holds the line for ${seconds} s, and hangs up.\n`);
  process.stderr.write('Twilio bills both legs, and Synthflow the agent: a few cents.\n');
  const isWanted = command.yes || (await askToGoOn());
  if (isWanted === undefined) throw new Error('give --yes to call without a terminal');
  if (!isWanted) throw new Error('nobody typed yes');
  const call = { ...parties, seconds };
  const placed = await placeTestCall(service, call, atEnd);
  process.stderr.write('The call has ended; waiting for its records …\n\n');
  const records = await readTestCall(service, call, placed, settleMs).catch((error: Error) => error);
  if (records instanceof Error) {
    const error = `The call was made, but its records could not be read: ${records.message}`;
    return { text: command.json ? JSON.stringify({ ok: false, error }) : error, exitStatus: 2 };
  }
  const { reached, findings } = judge(placed, records, expected);
  const real = records && realCallOf(records);
  const exitStatus = reached ? 0 : 1;
  if (command.json) return { text: JSON.stringify({ ok: reached, findings, call: real }), exitStatus };
  const told = real === undefined ? [] : [formatRealCall(real, command.verbose)];
  return { text: [...told, formatFindings(findings), sayResult(expected, reached, findings)].join('\n\n'), exitStatus };
}

function sayResult(expected: Expectation, reached: boolean, findings: readonly Finding[]): string {
  const isAgentOk = findings.some(({ subject, result }) => subject === 'agent' && result === 'ok');
  if (!reached && isAgentOk) return 'The agent talked, but not all is well: see what failed.';
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
