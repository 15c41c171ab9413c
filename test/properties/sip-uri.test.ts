import fc from 'fast-check';
import { URI } from 'jssip';
import { readSettings } from '../../src/assets/settings.private';
import { readPrepareResponse } from '../../src/assets/synthflow/response.private';
import { type Trunk, trunkUri } from '../../src/assets/synthflow/trunk.private';
import type { ExternalIds } from '../../src/assets/synthflow/x-ei.private';
import { parseAddress } from '../../src/assets/twilio/address.private';
import { parseCall } from '../../src/assets/twilio/call.private';
import { holds } from '../setup/property';
import { environment, event } from './arbitraries';

/** The ids that get through the edges, out of anything that a request and an answer bring. */
function idsOf(request: object, callId: unknown): ExternalIds {
  const { callSid, forwardedFrom } = parseCall(request);
  const result = readPrepareResponse(200, JSON.stringify({ synthflow_call_id: callId, call_status: 'registered' }));
  return { synthflowCallId: result.prepared ? result.synthflowCallId : undefined, callSid, forwardedFrom };
}

const request = fc
  .record({
    usual: event,
    CallSid: fc.oneof(fc.stringMatching(/^CA[0-9a-f]{32}$/), fc.stringMatching(/^CA[0-9A-Za-z]{1,62}$/), fc.string()),
    ForwardedFrom: fc.oneof(fc.stringMatching(/^\+?\d{3,20}$/), fc.string({ unit: 'binary' })),
  })
  .map(({ usual, ...ids }) => ({ ...usual, ...ids }));
const callId = fc.oneof(
  { weight: 3, arbitrary: fc.uuid() },
  { weight: 3, arbitrary: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/) },
  fc.string({ unit: fc.constantFrom(...'aZ0-_;%@ \r\n') }),
  fc.anything(),
);
const host = fc.oneof(fc.domain(), fc.ipV4(), fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$/), fc.string());
const trunk = fc
  .record({
    env: environment('http://127.0.0.1:1/v2'),
    termination: fc.tuple(host, fc.integer({ min: 0, max: 70_000 })).map((parts) => parts.join(':')),
  })
  .map(
    ({ env, termination }) =>
      readSettings({ ...env, SYNTHFLOW_SIP_TERMINATION: termination }, {}, parseAddress('')).trunk?.trunk,
  )
  .filter((one): one is Trunk => one !== undefined);
const number = fc.stringMatching(/^\+?\d{3,15}$/);

/** The pattern with which Synthflow takes the header apart (docs.synthflow.ai/x-ei-sip-header). */
const synthflowPattern = /(S|E|O).([^;]+);/g;

/** The header that Twilio sends: what stands behind the name, percent-decoded once. */
const headerOf = (uri: string): string => decodeURIComponent(uri.split('?X-EI=')[1] ?? '');

const tokensOf = ({ synthflowCallId, callSid, forwardedFrom }: ExternalIds): readonly string[] =>
  [
    ['S', synthflowCallId],
    ['E', callSid],
    ['O', forwardedFrom],
  ].flatMap(([letter, id]) => (id === undefined ? [] : [`${letter}.${id};`]));

const input = fc.record({ trunk, number, ids: fc.tuple(request, callId).map(([from, id]) => idsOf(from, id)) });

describe('Any call id, CallSid and ForwardedFrom, at any trunk', () => {
  test("give a SIP URI that RFC 3261's grammar accepts, within Twilio's lengths", () =>
    holds(input, (one) => {
      const uri = trunkUri(one.trunk, one.number, one.ids);

      expect(URI.parse(uri)).toMatchObject({ scheme: 'sip', user: one.number, host: one.trunk.hosts[0].name });
      const [bare = '', header = ''] = uri.split('?');
      expect(bare.length).toBeLessThan(255);
      expect(header.length).toBeLessThan(1024);
    }));

  test('decode back to the same X-EI, with every token', () =>
    holds(input, (one) => {
      expect(headerOf(trunkUri(one.trunk, one.number, one.ids))).toBe(tokensOf(one.ids).join(''));
    }));

  test("give an X-EI that Synthflow's pattern takes apart into exactly its tokens", () =>
    holds(input, (one) => {
      const header = headerOf(trunkUri(one.trunk, one.number, one.ids));

      const parts = [...header.matchAll(synthflowPattern)].map(([token]) => token);
      expect(parts.join('')).toBe(header);
      const all = tokensOf(one.ids);
      for (const part of parts) expect(all).toContain(part);
    }));
});
