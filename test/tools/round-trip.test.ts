import type { ScenarioName } from '../../lab/scenarios';
import type { Step } from '../../lab/story';
import { credentials, settings, useStandIn } from '../setup/live';
import { minutesAgo, useLab } from '../setup/placed-calls';

const { api, place, deployed } = useStandIn();
const lab = useLab();
const full = { ...settings, ...credentials };
beforeEach(deployed);

/**
 * What no record has: in a SIP dialog, what rings, ACKs, NOTIFYs and the answers to all but INVITEs; what a person is
 * asked whose phone has `confirm`.
 */
function isRecorded({ title, content, from, to }: Step): boolean {
  if (/^(180 Ringing|ACK|NOTIFY|202 Accepted|487 Request Terminated)$/.test(title)) return false;
  if (to === 'person' && title.startsWith('"')) return false;
  const isSip = from === 'Synthflow SIP' || to === 'Synthflow SIP';
  return !isSip || title !== '200 OK' || (from === 'Synthflow SIP' && /CSeq: \d+ INVITE/i.test(content));
}

const shapeOf = (steps: readonly Step[]): readonly string[] =>
  steps.map(({ from, to, title, failed }) => `${from} → ${to}: ${failed ? '✗ ' : ''}${title}`);

describe('A call of the lab, read back from the records of both platforms', () => {
  const names: readonly ScenarioName[] = [
    'answered',
    'outage',
    'slow',
    'rejected',
    'agent-busy',
    'agent-503',
    'no-answer',
    'agent-too-short',
    'caller-hangs-up',
    'transfer',
    'transfer-busy',
    'transfer-forbidden',
    'transfer-warm',
    'person-busy',
    'person-no-answer',
    'voicemail-silent',
    'agent-twice',
    'people-first',
    'caller-refused',
    'misconfigured',
    'direct-dial',
    'confirmed',
    'not-confirmed',
    'voicemail-delivered',
    'voicemail-undelivered',
    'function-gone',
    'diverted',
    'sip-called',
    'html',
    'rate-limited',
    'server-error',
    'lookup-late',
    'closed',
  ];

  test.each(names)('is told step by step the same: %s', async (name) => {
    const call = await lab.place(name);
    lab.record(api(), call, minutesAgo(60));
    const { stdout } = await place(full).run('calls', ['--call', call.callSid, '--json', '--numbers']);
    const told = JSON.parse(stdout);

    expect(shapeOf(told.steps)).toEqual(shapeOf(call.steps.filter(isRecorded)));
    expect(told.heard.map(({ what }: { what: string }) => what)).toEqual(call.heard.map(({ what }) => what));
    expect(told.disagreements).toEqual([]);
    expect({ caller: told.caller, called: told.called }).toEqual({ caller: call.caller, called: call.called });
  });

  test.each<ScenarioName>([
    'answered',
    'outage',
    'agent-busy',
    'transfer',
    'person-busy',
    'person-no-answer',
    'caller-hangs-up',
  ])('is told step by step the same without the webhooks, which are said to come: %s', async (name) => {
    const call = await lab.place(name);
    const placed = minutesAgo(5);
    lab.record(api(), call, placed);
    const { stdout } = await place(full).run('calls', ['--call', call.callSid, '--json', '--numbers']);
    const told = JSON.parse(stdout);
    const shown = new Date(placed.getTime() + (call.steps.at(-1)?.at ?? 0) + 15 * 60_000).toISOString().slice(11, 16);

    expect(told.missing).toContainEqual(`Twilio shows its webhooks from ${shown} UTC`);
    expect(shapeOf(told.steps)).toEqual(shapeOf(call.steps.filter(isRecorded)));
  });

  test.each<ScenarioName>(['transfer-agent-gone', 'transfer-leg-ended'])(
    'is not said to be with an agent who has gone: %s',
    async (name) => {
      const call = await lab.place(name);
      for (const minutes of [60, 5]) {
        Object.assign(api(), { calls: [], logs: [], events: {} });
        lab.record(api(), call, minutesAgo(minutes));
        const { stdout } = await place(full).run('calls', ['--call', call.callSid, '--json', '--numbers']);
        const told = JSON.parse(stdout);

        expect(told.heard.map(({ what }: { what: string }) => what)).toEqual(call.heard.map(({ what }) => what));
        expect(told.disagreements).toEqual([]);
      }
    },
  );

  test('tells whom /fallback.xml rang, before Twilio shows its webhooks', async () => {
    const call = await lab.place('function-gone');
    lab.record(api(), call, minutesAgo(5));
    const { stdout } = await place(full).run('calls', ['--call', call.callSid, '--json', '--numbers']);
    const told = JSON.parse(stdout);

    expect(shapeOf(told.steps)).toEqual([
      'caller → Twilio: dials +15550100100',
      'Twilio → person: rings +1…0190',
      'person → Twilio: answers',
      'Twilio → caller: answers the call',
      'person → Twilio: hangs up',
      'Twilio → caller: ends the call',
    ]);
    expect(told.reached).toBe('not the agent');
  });

  test.each<ScenarioName>(['agent-twice', 'transfer-busy', 'person-no-answer'])(
    'is told the same when the lists of Twilio begin with the newest item: %s',
    async (name) => {
      const call = await lab.place(name);
      lab.record(api(), call, minutesAgo(60));
      api().calls.reverse();
      api().logs.reverse();
      api().events[call.callSid] = api().events[call.callSid]?.toReversed() ?? [];
      const { stdout } = await place(full).run('calls', ['--call', call.callSid, '--json', '--numbers']);
      const told = JSON.parse(stdout);

      expect(shapeOf(told.steps)).toEqual(shapeOf(call.steps.filter(isRecorded)));
      expect(told.disagreements).toEqual([]);
    },
  );
});
