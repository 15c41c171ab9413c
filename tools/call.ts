import { type CallFields, presets, readFields } from '../lab/fields';
import { startLab } from '../lab/lab';
import { changesOf, isScenarioName, type ScenarioName, scenarios } from '../lab/scenarios';
import { deploymentOptions, domainOption, flag, type Result, runCommand, text, textOr } from './command';
import { placeLiveCall } from './live-call';
import { followSettings } from './settings';
import { formatStory } from './story';
import { alignColumns } from './table';

const scenarioList = alignColumns(
  Object.entries(scenarios).map(([name, scenario]) => [
    `  ${name}`,
    [scenario.title, ...changesOf(scenario).map((change) => `[${change}]`)].join('  '),
  ]),
);

/** How many times as fast as a real call its rings and its talk run. */
const pace = 10;

type CallOptions = Readonly<Record<'realApi' | 'verbose' | 'json', boolean>> & { readonly env: string };

async function placeCall(scenario: ScenarioName, fields: CallFields, options: CallOptions): Promise<Result> {
  const { env, realApi, verbose, json } = options;
  const details = readFields(fields);
  if ('problem' in details) throw new Error(`--${optionOf[details.field]}: ${details.problem}`);
  process.stderr.write('Building …\n');
  const settings = await followSettings(env)();
  process.stderr.write('Placing the call …\n\n');
  const lab = await startLab({ secondMs: 1000 / pace, settings: async () => settings });
  const call = await lab.place(scenarios[scenario], { ...details, realApi }).finally(lab.stop);
  const head = alignColumns([
    ['Scenario', `${scenario}: ${scenarios[scenario].title}`],
    ...changesOf(scenarios[scenario]).map((change) => ['', `plays ${change}`]),
    ['Settings', settings.areOwn ? `${env} and your number table` : `the lab's own, since ${env} has none`],
    ['Synthflow', realApi ? 'the real API, and a stand-in for the trunk' : 'a stand-in'],
    ['Call', `${call.caller} to ${call.called}; times are those of a real call, played ${pace} times as fast`],
  ]);
  return {
    text: json ? JSON.stringify({ scenario, ...call }) : `${head}\n\n${formatStory(call, verbose)}`,
    exitStatus: call.reached ? 0 : 1,
  };
}

const optionOf = {
  called: 'to',
  caller: 'from',
  forwardedFrom: 'forwarded-from',
  parameters: 'param',
  at: 'at',
} satisfies Record<keyof CallFields, string>;

void runCommand({
  name: 'call',
  usage: '[options]',
  summary: `Places one call with your settings: the built functions run in Twilio's emulator, between a local carrier and a
stand-in for Synthflow.`,
  options: {
    scenario: text('NAME', 'what happens; answered unless given'),
    to: textOr('', 'NUMBER', "the called number; the number table's first unless given"),
    from: textOr('', 'CALLER', `the caller's number or address, or ${Object.keys(presets).join(', ')}`),
    'forwarded-from': textOr('', 'NUMBER', 'the phone that forwarded the call'),
    param: {
      ...text('NAME=TEXT', 'what Twilio sends besides, such as FromCity=Berlin'),
      multiple: true,
      default: [],
    },
    at: textOr('', 'TIME', 'when it comes in, such as 2026-12-25T10:00, by the clock of the number'),
    'real-api': flag('prepare the call at the real Synthflow API, where it is registered'),
    live: text(
      'NUMBER',
      'ring this wired number for real, from --from or a number that is not wired; costs a few cents',
    ),
    seconds: textOr('20', 'N', 'with --live: how long to hold the line; 20 unless given'),
    expect: textOr('agent', 'WHAT', 'with --live: agent or transfer, which the agent has to make; agent unless given'),
    yes: flag('with --live: do it without asking'),
    verbose: flag('every message whole'),
    ...domainOption,
    ...deploymentOptions,
  },
  notes: `Exit status: 0 the caller reaches the agent, 1 the caller does not, 2 the call could not be placed.

Scenarios, each with the settings that it plays in place of yours
${scenarioList}`,
  failure: 'The call could not be placed',
  failureStatus: 2,
  run: async (values, _positionals, atEnd) => {
    const { to, from, param, live, at, 'forwarded-from': forwardedFrom, 'real-api': realApi } = values;
    if (live !== undefined) {
      const played = {
        scenario: values.scenario,
        to,
        'forwarded-from': forwardedFrom,
        param: param.join(),
        at,
        'real-api': realApi,
      };
      const given = Object.entries(played).find(([, value]) => value);
      if (given !== undefined) throw new Error(`--${given[0]}: a real call has its own; expected it without --live`);
      return placeLiveCall({ ...values, live }, atEnd);
    }
    const { scenario = 'answered' } = values;
    if (!isScenarioName(scenario)) {
      throw new Error(`--scenario: expected one of the list below; found "${scenario}".\n\n${scenarioList}`);
    }
    const fields = { called: to, caller: from, forwardedFrom, parameters: param.join('\n'), at };
    return placeCall(scenario, fields, { ...values, realApi });
  },
});
