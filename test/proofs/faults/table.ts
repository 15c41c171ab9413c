import { type Cell, list, longestWait } from './cell';
import type { Fault, FaultStage, RouteConfiguration } from './matrix';

/** One call of the matrix. */
export interface Played {
  readonly fault: Fault;
  readonly route: RouteConfiguration;
  readonly cell: Cell;
}

const stageTitles: Readonly<Record<FaultStage, string>> = {
  prepare: 'Preparing the call fails',
  agent: "The agent's leg fails",
  'the agent stays': 'A transfer fails, and Twilio keeps the agent until the target has answered, as it documents',
  'the agent stays, action asked': "The same, but Twilio goes on with the target's action",
  'the agent leaves': "The same, but Twilio ends the agent's leg before it asks /transfer, and describes that leg",
  person: 'The person cannot be reached',
  route: 'Routes in another order',
  function: 'A function crashes',
};

/** The configuration as the head of a column: the steps after the agent. */
export const stepsOf = ({ number, voicemail }: RouteConfiguration): string =>
  [...(number ? ['number'] : []), ...(voicemail ? ['voicemail'] : []), 'message'].join(' → ');

/** `docs/faults.md`, from calls that were played. */
export function renderMatrix(played: readonly Played[]): string {
  const waits = played.map(({ cell }) => cell.waited);
  return `# What the caller hears when something fails

\`npm run faults\` plays every fault of the lab at every stage, under every configuration of the route, through gateway, emulator and SIP, and writes this page.
It fails when a caller hears something else than the route promises, silence, Twilio's error voice, or nothing for over ${longestWait} s, and when a log line, an answer or a message holds what it must not.

**${played.length} calls, the longest wait ${Math.max(...waits).toFixed(1)} s.**

A cell is what the caller hears, in order, and for how many seconds of the call the caller hears nothing: from dialling to the first sound, and between sounds.
Ringing is a sound, and lasts as long as \`DIAL_TIMEOUT_SECONDS\` and the person's 20 s say, and the 5 s that Twilio adds. A column is the route after the agent.

${[false, true].map((directDial) => renderHalf(played, directDial)).join('\n\n')}
`;
}

function renderHalf(played: readonly Played[], directDial: boolean): string {
  const half = played.filter(({ route }) => route.directDial === directDial);
  const stages = [...new Set(half.map(({ fault }) => fault.stage))];
  const tables = stages.map((stage) => renderStage(half.filter(({ fault }) => fault.stage === stage)));
  return `## With DIRECT_DIAL=${directDial}\n\n${tables.join('\n\n')}`;
}

function renderStage(played: readonly Played[]): string {
  const columns = [...new Set(played.map(({ route }) => stepsOf(route)))];
  const titles = [...new Set(played.map(({ fault }) => fault.title))];
  const cellOf = (title: string, column: string): string => {
    const one = played.find(({ fault, route }) => fault.title === title && stepsOf(route) === column);
    return one === undefined ? '' : `${list(one.cell.sounds)} · ${one.cell.waited.toFixed(1)} s`;
  };
  const rows = titles.map((title) => [title, ...columns.map((column) => cellOf(title, column))]);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const heading = stageTitles[played[0]?.fault.stage ?? 'prepare'];
  return [
    `### ${heading}`,
    '',
    row(['fault', ...columns]),
    `|${'---|'.repeat(columns.length + 1)}`,
    ...rows.map(row),
  ].join('\n');
}
