import { deploymentOptions, runCommand, suffixOf } from './command';
import { readEnvironment } from './environment';
import { clientOf, describeTwilioError, requireAccount } from './live/account';
import { findDeployment, listLogLines } from './live/deployment';
import {
  formatCall,
  formatCalls,
  groupCalls,
  hasAgentShare,
  parsePercentage,
  parseSince,
  type TimedLine,
  totalsOf,
} from './live/history';
import { isSwitched } from './live/wiring';

/** What a deployment's log and numbers say. */
interface Read {
  readonly lines: readonly TimedLine[];
  /** Numbers whose outage switch is on. */
  readonly outage: readonly string[];
}

async function readDeployment(envFile: string, suffix: string, startDate: Date): Promise<Read> {
  const client = clientOf(requireAccount(readEnvironment(envFile), process.env));
  const read = async (): Promise<Read | undefined> => {
    const deployment = await findDeployment(client, suffix);
    if (deployment === undefined) return undefined;
    const lines = await listLogLines(client, deployment, startDate);
    const numbers = await client.incomingPhoneNumbers.list({ pageSize: 1000 });
    const switched = numbers.filter((number) => isSwitched(number, [deployment.domain]));
    return { lines, outage: switched.map(({ phoneNumber }) => phoneNumber) };
  };
  const found = await read().catch((error: unknown) => {
    throw new Error(describeTwilioError(error));
  });
  if (found !== undefined) return found;
  throw new Error(`the service is not deployed in the environment "${suffix}": npm run deploy`);
}

void runCommand({
  name: 'calls',
  usage: '[options]',
  summary: "What happened to the last calls, from the deployed service's log.",
  options: {
    since: {
      type: 'string',
      default: '1d',
      value: 'TIME',
      help: 'how far to look back, such as 30m, 12h or 7d; 1d unless given',
    },
    call: { type: 'string', value: 'CA…', help: "one call's whole story across its requests" },
    'min-agent-share': {
      type: 'string',
      value: 'P',
      help: 'exit with 1 when fewer than P percent of the callers reached the agent',
    },
    ...deploymentOptions,
  },
  notes: "Callers who hung up while the agent's phone rang count neither way.",
  failure: 'The calls could not be read',
  run: async (values) => {
    const minAgentShare = parsePercentage(values['min-agent-share']);
    const { lines, outage } = await readDeployment(values.env, suffixOf(values), parseSince(values.since));
    const calls = groupCalls(lines).filter(({ callSid }) => values.call === undefined || callSid === values.call);
    const totals = totalsOf(calls);
    const ok = minAgentShare === undefined || hasAgentShare(totals, minAgentShare);
    const text = values.call === undefined ? formatCalls(calls, totals) : formatCall(calls[0], values.call);
    const notice = outage.length > 0 ? `The outage switch is on, no agent answers: ${outage.join(', ')}\n\n` : '';
    return {
      text: values.json ? JSON.stringify({ ok, totals, outage, calls }) : `${notice}${text}`,
      exitStatus: ok ? 0 : 1,
    };
  },
});
