import { parseArgs } from 'node:util';
import { onInterrupt, type Result, run } from './command';
import { type PlacedCall, startLab } from './lab/lab';
import { isScenarioName, type ScenarioName, scenarios } from './lab/scenarios';
import type { Step } from './lab/story';

const usage = `npm run call -- [--scenario NAME] [--json]

Places one call: the built functions run in Twilio's emulator, between a local carrier and a stand-in for Synthflow.
The lab's clock runs ten times as fast as a real call.
Exit status: 0 the caller reaches the agent, 1 the caller does not, 2 the call could not be placed.

Scenarios
${Object.entries(scenarios)
  .map(([name, { title }]) => `  ${name.padEnd(20)} ${title}`)
  .join('\n')}`;

async function main(): Promise<Result> {
  const { scenario, json, help } = parseArgs({
    options: {
      scenario: { type: 'string', default: 'answered' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
  if (help) return { text: usage, exitStatus: 0 };
  if (!isScenarioName(scenario)) {
    return { text: `--scenario: expected one of the list below; found "${scenario}".\n\n${usage}`, exitStatus: 2 };
  }
  const call = await placeCall(scenario);
  if (call === undefined) return { text: 'Stopped; nothing is left running.', exitStatus: 130 };
  return {
    text: json ? JSON.stringify({ scenario, ...call }) : tell(scenario, call),
    exitStatus: call.reached ? 0 : 1,
  };
}

/** `undefined` when Ctrl-C came first. */
async function placeCall(scenario: ScenarioName): Promise<PlacedCall | undefined> {
  const interrupted = new Promise<undefined>((resolve) => onInterrupt(() => resolve(undefined)));
  process.stderr.write('Placing the call …\n\n');
  const lab = await startLab({ secondMs: 100 });
  try {
    return await Promise.race([lab.place(scenarios[scenario]), interrupted]);
  } finally {
    await lab.stop();
  }
}

function tell(scenario: ScenarioName, { steps, heard, warnings, log }: PlacedCall): string {
  const facts: readonly [string, readonly string[]][] = [
    ['Heard', heard.length > 0 ? heard.map(({ what }) => what) : ['nothing']],
    ['Warnings', warnings.map(({ code, text }) => `${code} ${text}`)],
    ['Log', log],
  ];
  return [
    `Scenario "${scenario}": ${scenarios[scenario].title}\n`,
    ...steps.map(tellStep),
    '',
    ...facts.flatMap(([name, lines]) => lines.map((line, index) => `${(index === 0 ? name : '').padEnd(10)}${line}`)),
  ].join('\n');
}

const margin = ' '.repeat(10);

function tellStep({ at, from, to, title, content }: Step): string {
  const parties = `${from} → ${to}`.padEnd(32);
  // Of SIP only what carries something of the bridge; the page of `npm run lab` shows every message whole.
  const shown = from.startsWith('Synthflow SIP') || (to === 'Synthflow SIP' && title !== 'INVITE') ? '' : content;
  const lines = shown.split(/\r?\n/).filter((line) => line !== '');
  return [`${`${at} ms`.padStart(8)}  ${parties}${title}`, ...lines.map((line) => `${margin}  ${line}`)].join('\n');
}

void run(main, 'The call could not be placed', 2);
