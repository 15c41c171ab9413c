import { type PlacedCall, startLab } from '../lab/lab';
import { isScenarioName, type ScenarioName, scenarios } from '../lab/scenarios';
import type { Step } from '../lab/story';
import { buildTemporarily } from './build';
import { jsonOption, type Result, runCommand } from './command';
import { alignColumns } from './table';

const scenarioList = alignColumns(Object.entries(scenarios).map(([name, { title }]) => [`  ${name}`, title]));

async function placeCall(scenario: ScenarioName, json: boolean): Promise<Result> {
  process.stderr.write('Building …\n');
  const dist = await buildTemporarily();
  process.stderr.write('Placing the call …\n\n');
  const lab = await startLab({ secondMs: 100, dist });
  const call = await lab.place(scenarios[scenario]).finally(lab.stop);
  return {
    text: json ? JSON.stringify({ scenario, ...call }) : formatCall(scenario, call),
    exitStatus: call.reached ? 0 : 1,
  };
}

function formatCall(scenario: ScenarioName, { steps, heard, warnings, log }: PlacedCall): string {
  const facts: readonly [string, readonly string[]][] = [
    ['Heard', heard.length > 0 ? heard.map(({ what }) => what) : ['nothing']],
    ['Warnings', warnings.map(({ code, text }) => `${code} ${text}`)],
    ['Log', log],
  ];
  return [
    `Scenario "${scenario}": ${scenarios[scenario].title}\n`,
    ...steps.map(formatStep),
    '',
    ...facts.flatMap(([name, lines]) => lines.map((line, index) => `${(index === 0 ? name : '').padEnd(10)}${line}`)),
  ].join('\n');
}

const margin = ' '.repeat(10);

function formatStep({ at, from, to, title, content }: Step): string {
  const parties = `${from} → ${to}`.padEnd(32);
  // Of SIP only what carries something of the bridge; the page of `npm run lab` shows every message whole.
  const isShown = !from.startsWith('Synthflow SIP') && (to !== 'Synthflow SIP' || title === 'INVITE');
  const lines = isShown ? content.split(/\r?\n/).filter((line) => line !== '') : [];
  return [`${`${at} ms`.padStart(8)}  ${parties}${title}`, ...lines.map((line) => `${margin}  ${line}`)].join('\n');
}

void runCommand({
  name: 'call',
  usage: '[--scenario NAME] [--json]',
  summary: `Places one call: the built functions run in Twilio's emulator, between a local carrier and a stand-in for
Synthflow. The lab's clock runs ten times as fast as a real call.`,
  options: {
    scenario: { type: 'string', default: 'answered', value: 'NAME', help: 'what happens; answered unless given' },
    ...jsonOption,
  },
  notes: `Exit status: 0 the caller reaches the agent, 1 the caller does not, 2 the call could not be placed.

Scenarios
${scenarioList}`,
  failure: 'The call could not be placed',
  failureStatus: 2,
  run: async ({ scenario, json }) => {
    if (isScenarioName(scenario)) return placeCall(scenario, json);
    throw new Error(`--scenario: expected one of the list below; found "${scenario}".\n\n${scenarioList}`);
  },
});
