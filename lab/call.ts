import { closest, distance } from 'fastest-levenshtein';
import { readSettings } from '../src/assets/settings.private';
import { parseAddress } from '../src/assets/twilio/address.private';
import {
  defineCommand,
  flag,
  jsonOption,
  progress,
  type Result,
  runCommand,
  screenOf,
  text,
  textOr,
} from '../tools/command';
import type { Shell } from '../tools/shell';
import { formatStory } from '../tools/story/format';
import { alignRows } from '../tools/text';
import { type CallFields, presets, readFields } from './fields';
import { changesOf, isScenarioName, type Scenario, type ScenarioName, scenarioGroups, scenarios } from './scenarios';
import { followSettings, isReplaced, sourceOf } from './settings';

/** The scenarios in groups, for the help. */
const tables = Object.entries(scenarioGroups).map(([title, group]) => ({
  title: `Scenarios: ${title.toLowerCase()}`,
  rows: Object.entries<Scenario>(group).map(([name, scenario]) => [
    `  ${name}`,
    [scenario.title, ...changesOf(scenario).map((change) => `[${change}]`)].join(' '),
  ]),
}));

/** How many times as fast as a real call its rings and its talk run. */
const pace = 20;

/** What the command was asked for. */
interface CallOptions {
  readonly scenario: ScenarioName;
  readonly fields: CallFields;
  readonly env: string;
  readonly verbose: boolean;
  readonly json: boolean;
}

async function placeCall(shell: Shell, { scenario, fields, env, verbose, json }: CallOptions): Promise<Result> {
  const details = readFields(fields);
  if ('problem' in details) throw new Error(`--${optionOf[details.field]}: ${details.problem}`);
  progress(shell, 'Building');
  // Loaded here, since a list of scenarios needs no SIP stack.
  const [settings, { startLab }] = await Promise.all([followSettings(shell, env)(), import('./lab')]);
  progress(shell, 'Placing the call');
  const lab = await startLab({ secondMs: 1000 / pace, settings: async () => settings });
  const call = await lab.place(scenarios[scenario], details).finally(lab.stop);
  const exitStatus = call.reached === 'not the agent' ? 1 : 0;
  if (json) return { text: JSON.stringify({ scenario, ...call }), exitStatus };
  const screen = screenOf(shell);
  const { problems } = readSettings(settings.environment, settings.numbers, parseAddress(call.called));
  const replaced = problems.map(({ setting }) => setting).filter((setting) => isReplaced(setting));
  const when = fields.at === '' ? '' : ` at ${fields.at}`;
  const rows = [
    ['Scenario', `${scenario}: ${scenarios[scenario].title}`],
    ...changesOf(scenarios[scenario]).map((change) => ['', `plays ${change}`]),
    ['Settings', sourceOf(settings.areOwn, env)],
    ...replaced.map((setting) => ['', `${setting} is missing or not accepted: only the lab's stand-ins do without`]),
    ['Synthflow', 'a stand-in; what your customVariables requests is real'],
    ['Call', `${call.caller} to ${call.called}${when}; times as in a real call, played ${pace} times as fast`],
    ['Reached', call.reached],
  ];
  const head = alignRows(rows, screen.width);
  const reached = screen.paint(call.reached === 'not the agent' ? 'red' : 'green', head.at(-1) ?? '');
  const lines = [...head.slice(0, -1), reached].join('\n');
  return { text: `\n${lines}\n\n${formatStory(call, verbose, screen)}`, exitStatus };
}

/** Throws for a name that no scenario has, with the one that was most likely meant. */
function parseScenario(name: string): ScenarioName {
  if (isScenarioName(name)) return name;
  const nearest = closest(name, Object.keys(scenarios));
  const hint = distance(name, nearest) <= 3 ? `did you mean ${nearest}?` : 'npm run call -- --help lists them';
  throw new Error(`--scenario: there is no "${name}"; ${hint}`);
}

const optionOf = {
  called: 'to',
  caller: 'from',
  forwardedFrom: 'forwarded-from',
  parameters: 'param',
  at: 'at',
} satisfies Record<keyof CallFields, string>;

/** `npm run call` */
export const call = defineCommand({
  name: 'call',
  usage: '[options]',
  summary:
    "Places one call with your settings: the built functions run in Twilio's emulator, between a local carrier and a stand-in for Synthflow. npm run probe places a real one.",
  options: {
    scenario: text('NAME', 'what happens (default: answered)'),
    to: textOr('', 'NUMBER', "the called number (default: the number table's first)"),
    from: textOr('', 'CALLER', `the caller's number or address, or ${Object.keys(presets).join(', ')}`),
    'forwarded-from': textOr('', 'NUMBER', 'the phone that forwarded the call'),
    param: {
      ...text('NAME=TEXT', 'a further parameter of Twilio, such as FromCity=Berlin'),
      multiple: true,
      default: [],
    },
    at: textOr('', 'TIME', 'when it comes in, such as 2026-12-25T10:00, by the clock of the number'),
    env: textOr('.env', 'FILE', 'the settings (default: .env)'),
    verbose: flag('every message whole'),
    ...jsonOption,
  },
  notes: [
    'Exit status: 1 for a caller who should have reached the agent and did not, 0 for any other (agent, elsewhere, hung up, refused), 2 when the call could not be placed.',
    'A scenario plays the settings in brackets in place of yours. A customVariables of yours is run, and what it requests is real.',
  ],
  tables,
  failure: 'The call could not be placed',
  failureStatus: 2,
  run: (values, _positionals, shell) => {
    const { scenario = 'answered', to, from, at, param, env, verbose, json } = values;
    const fields: CallFields = {
      called: to,
      caller: from,
      forwardedFrom: values['forwarded-from'],
      parameters: param.join('\n'),
      at,
    };
    return placeCall(shell, { scenario: parseScenario(scenario), fields, env, verbose, json });
  },
});

if (require.main === module) void runCommand(call);
