import { parseArgs } from 'node:util';
import { deploymentOptions, deploymentUsage, type Result, run, suffixOf } from './command';
import { readEnvironment } from './environment';
import { clientOf, describeTwilioError, requireAccount } from './live/account';
import { findDeployment } from './live/deployment';
import { type CallHistory, groupCalls, parseLine, type TimedLine, type Totals, totalsOf } from './live/history';

const usage = `npm run calls -- [options]

What happened to the last calls, from the log lines of the deployed service.

--since TIME         how far to look back, such as 30m, 12h or 7d; 1d unless given
--call CA…           one call's whole story across its requests
--min-agent-share P  exit with 1 when fewer than P percent of the callers reached the agent
${deploymentUsage}

Callers who hung up while the agent's phone rang count neither way.`;

async function main(): Promise<Result> {
  const own = {
    since: { type: 'string', default: '1d' },
    call: { type: 'string' },
    'min-agent-share': { type: 'string', default: '0' },
  } as const;
  const { values } = parseArgs({ options: { ...deploymentOptions, ...own } });
  if (values.help) return { text: usage, exitStatus: 0 };
  const wanted = Number(values['min-agent-share']);
  if (!(wanted >= 0 && wanted <= 100)) throw new Error('--min-agent-share: expected a percentage from 0 to 100');
  const since = parseSince(values.since);

  const lines = await readLines(values.env, suffixOf(values), since);
  const calls = groupCalls(lines).filter(({ callSid }) => values.call === undefined || callSid === values.call);
  const totals = totalsOf(calls);
  const well = totals.agentShare === undefined ? wanted === 0 : totals.agentShare * 100 >= wanted;
  const text = values.call === undefined ? table(calls, totals) : storyOf(calls, values.call);
  return { text: values.json ? JSON.stringify({ well, totals, calls }) : text, exitStatus: well ? 0 : 1 };
}

/** The time so long ago; throws when the text is no length of time. */
function parseSince(text: string): Date {
  const [, amount = '', unit = ''] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const minutes = { m: 1, h: 60, d: 1440 }[unit];
  if (minutes === undefined)
    throw new Error(`--since: expected a length of time such as 30m, 12h or 7d; found "${text}"`);
  return new Date(Date.now() - Number(amount) * minutes * 60_000);
}

async function readLines(env: string, suffix: string, startDate: Date): Promise<readonly TimedLine[]> {
  const client = clientOf(requireAccount(readEnvironment(env), process.env));
  try {
    const deployment = await findDeployment(client, suffix);
    if (deployment === undefined)
      throw new Error(`the service is not deployed in the environment "${suffix}": npm run deploy`);
    const { serviceSid, environmentSid } = deployment;
    const { logs } = client.serverless.v1.services(serviceSid).environments(environmentSid);
    const found = await logs.list({ startDate, pageSize: 1000 });
    return found.flatMap(({ dateCreated, message }) => {
      const line = parseLine(message);
      return line === undefined ? [] : [{ time: dateCreated, line }];
    });
  } catch (error) {
    throw error instanceof Error && !('status' in error) ? error : new Error(describeTwilioError(error));
  }
}

function table(calls: readonly CallHistory[], totals: Totals): string {
  const rows = calls.map(({ time, lines, fate }) => {
    const first = lines[0]?.line;
    const telling = lines.find(({ line }) => line.reason !== undefined)?.line;
    const last = lines.at(-1)?.line;
    const prepareMs = first?.prepareMs === undefined ? '' : `${first.prepareMs} ms`;
    return [
      clock(time),
      first?.from ?? '',
      first?.to ?? '',
      fate,
      last?.outcome ?? '',
      telling?.reason ?? '',
      prepareMs,
    ];
  });
  const heads = ['time', 'caller', 'called', 'reached', 'last outcome', 'reason', 'prepare'];
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [heads, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, '', summary(totals)].join('\n');
}

function summary({ calls, agent, notTheAgent, hungUp, open, agentShare }: Totals): string {
  const share =
    agentShare === undefined ? 'no call tells the share' : `${(agentShare * 100).toFixed(1)} % reached the agent`;
  return `${calls} calls: ${agent} with the agent, ${notTheAgent} without, ${hungUp} hung up while it rang, ${open} still open; ${share}`;
}

function storyOf([call]: readonly CallHistory[], callSid: string): string {
  if (call === undefined) return `No line of ${callSid} in this time; look further back with --since.`;
  const steps = call.lines.map(({ time, line: { event, outcome, ...rest } }) => {
    const details = Object.entries(rest).filter(([name]) => name !== 'callSid');
    return [
      `${clock(time)}  /${event}  ${outcome}`,
      ...details.map(([name, value]) => `${' '.repeat(21)}${name.padEnd(17)}${value}`),
    ].join('\n');
  });
  return [`${callSid}: ${call.fate}`, '', ...steps].join('\n');
}

/** UTC, so that it matches Twilio's debugger whatever the machine's zone. */
const clock = (time: Date): string => time.toISOString().slice(0, 19).replace('T', ' ');

void run(main, 'The calls could not be read');
