import { type Lab, type PlacedCall, startLab } from '../../../../lab/lab';
import { type ScenarioName, scenarios } from '../../../../lab/scenarios';
import { labEnvironment } from '../../../../lab/settings';
import type { Step } from '../../../../lab/story';
import { credentials, settings, useStandIn } from '../../../setup/live';
import { recordCall } from '../../../setup/recorded-call';

const { api, place, deployed } = useStandIn();

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ secondMs: 50, settings: async () => ({ environment: labEnvironment, numbers: {} }) });
});
afterAll(() => lab.stop());

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

/** An hour ago, so that Twilio shows the webhooks. */
const anHourAgo = (): Date => new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000);

function record(call: PlacedCall, placed = anHourAgo()): void {
  const { calls, events, logs, synthflow } = recordCall(call, placed);
  deployed();
  api().calls.push(...calls);
  api().events[call.callSid] = events;
  api().logs.push(...logs);
  Object.assign(api().synthflow.calls, synthflow);
}

describe('A call of the lab, read back from the records of both platforms', () => {
  const names: readonly ScenarioName[] = [
    'answered',
    'outage',
    'slow',
    'rejected',
    'agent-busy',
    'agent-503',
    'no-answer',
    'agent-drops',
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
    const call = await lab.place(scenarios[name]);
    record(call);
    const { stdout, stderr } = await place({ ...settings, ...credentials }).run('calls', [
      ...['--call', call.callSid, '--json', '--numbers'],
    ]);
    expect(stderr).toBe('');
    const told = JSON.parse(stdout);

    expect(shapeOf(told.steps)).toEqual(shapeOf(call.steps.filter(isRecorded)));
    expect(told.heard.map(({ what }: { what: string }) => what)).toEqual(call.heard.map(({ what }) => what));
    expect(told.disagreements).toEqual([]);
    expect({ caller: told.caller, called: told.called }).toEqual({ caller: call.caller, called: call.called });
  });
});
