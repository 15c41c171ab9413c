import { type Lab, type PlacedCall, startLab } from '../../lab/lab';
import { isScenarioName, labNumbers, type ScenarioName, scenarios } from '../../lab/scenarios';
import { labEnvironment } from '../../lab/settings';
import type { Reached } from '../../tools/calls/history';

let full: Lab;
let alone: Lab;
beforeAll(async () => {
  const startWith = (CALL_ROUTE: string): Promise<Lab> =>
    startLab({
      secondMs: 20,
      settings: async () => ({ environment: { ...labEnvironment, CALL_ROUTE }, numbers: {} }),
    });
  [full, alone] = await Promise.all([startWith(`agent,${labNumbers.person},voicemail`), startWith('agent')]);
});
afterAll(() => Promise.all([full.stop(), alone.stop()]));

/** Sounds in the words of docs/faults.md. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^ringing$/, 'rings'],
  [/^the agent$/, 'agent'],
  [/^the agent again$/, 'agent again'],
  [/^a person$/, 'person'],
  [/^a tone, and then the recording runs$/, 'tone'],
  [/^a rejection$/, 'rejection'],
  [/^"(This call is recorded|Please hold)\."$/, 'word'],
  [/^"Thank you\. Goodbye\."$/, 'closing'],
  [/^"We are sorry, our assistant cannot take your call at the moment\./, 'message'],
];
const heardIn = ({ heard }: PlacedCall): string =>
  heard.map(({ what }) => words.find(([sound]) => sound.test(what))?.[1] ?? what).join(', ');

/** Milliseconds in which the caller hears nothing, from dialling to the end of the call. */
function silenceIn({ heard, steps }: PlacedCall): number {
  // A voicemail is posted after the call.
  const end = steps.findLast(({ from, to }) => from === 'caller' || to === 'caller')?.at ?? 0;
  const starts = [...heard.map(({ at }) => at), end];
  const ends = [0, ...heard.map(({ until }) => until ?? end)];
  return starts.reduce((sum, start, index) => sum + Math.max(0, start - (ends[index] ?? start)), 0);
}

/** Only a conversation with the agent counts. */
const reaching = /^(word, )?(rings, )+agent$|^rings, agent, (rings, (person|agent)|(rings, )?agent again)$/;
/** In these the agent leaves at once; in the last one it has asked for a transfer. */
const [leaving, transferring] = [['agent-drops', 'agent-too-short'], ['transfer-leg-ended']];
/** Callers who should not have had the agent. */
const others: Partial<Record<ScenarioName, Reached>> = {
  'caller-hangs-up': 'hung up',
  closed: 'elsewhere',
  missed: 'elsewhere',
  'caller-refused': 'refused',
};

describe('The caller hears what the scenario says', () => {
  test.each(Object.keys(scenarios).filter(isScenarioName))('%s', async (name) => {
    const scenario = scenarios[name];
    const calls = await Promise.all([full.place(scenario), alone.place(scenario)]);

    expect(calls.map(heardIn)).toEqual([scenario.hears, scenario.hearsWithoutRoute ?? scenario.hears]);
    for (const call of calls) {
      expect(silenceIn(call)).toBeLessThan(10_000);
      const isReached = transferring.includes(name) || (reaching.test(heardIn(call)) && !leaving.includes(name));
      expect(call.reached).toBe(isReached ? 'agent' : (others[name] ?? 'not the agent'));
      const printed = [...call.log, ...call.printed].join('\n');
      for (const number of Object.values(labNumbers)) expect(printed).not.toContain(number.slice(1));
    }
  });
});
