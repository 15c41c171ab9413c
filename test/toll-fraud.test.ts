import fc from 'fast-check';
import { handler as dialResult } from '../src/functions/dial-result.protected';
import { handler as inbound } from '../src/functions/inbound.protected';
import { handler as transfer } from '../src/functions/transfer.protected';
import { type Synthflow, startSynthflow } from '../tools/lab/synthflow';
import type { Verb } from '../tools/lab/twiml';
import { invoke } from './setup/invoke';

const apiKey = 'test-api-key-0123456789';
const configured = ['+15550100190', '+15550100191', '+15550100192'];

let synthflow: Synthflow;
let env: Record<string, string>;
beforeAll(async () => {
  synthflow = await startSynthflow(apiKey);
  env = {
    SYNTHFLOW_API_KEY: apiKey,
    SYNTHFLOW_MODEL_ID: 'agent',
    SYNTHFLOW_API_URL: synthflow.apiUrl,
    FALLBACK_NUMBER: '+15550100190',
    TRANSFER_NUMBERS: '+15550100191,+15550100192',
    FALLBACK_VOICEMAIL: 'true',
  };
});
afterAll(() => synthflow.stop());

/** What TwiML would dial, all of it. */
const dialled = (verbs: readonly Verb[]): readonly Verb[] =>
  verbs.filter(({ name }) => name === 'Dial').flatMap((dial) => (dial.children.length > 0 ? dial.children : [dial]));

const number = fc.constantFrom(
  '+19005550100',
  '19005550100',
  '+15550100191',
  '+15550100190',
  '0875704225',
  'agent',
  'x',
);
const host = fc.constantFrom('sip.synthflow.ai', 'sipin.synthflow.ai', 'evil.example', 'sip.synthflow.ai@evil.example');
const uri = fc
  .tuple(
    fc.constantFrom('<sip:', 'sip:', 'sips:', '<tel:', 'tel:'),
    number,
    host,
    fc.constantFrom('', '>', ';x', '?X=1>', ',sip:+1900@e'),
  )
  .map(([scheme, user, at, end]) =>
    scheme.includes('tel') ? `${scheme}${user}${end}` : `${scheme}${user}@${at}${end}`,
  );
const text = fc.oneof(
  number,
  uri,
  fc.string(),
  fc.constantFrom('completed', 'busy', 'in-progress', 'agent', 'number', 'transfer'),
);
const event = fc.dictionary(
  fc.constantFrom(
    'stage',
    'To',
    'From',
    'CallStatus',
    'DialCallStatus',
    'DialCallDuration',
    'ReferTransferTarget',
    'ForwardedFrom',
    'CallSid',
    'Called',
    'Number',
  ),
  fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: fc.array(text) }),
);

describe('No request to any endpoint', () => {
  test.each([
    ['/inbound', inbound, 200],
    ['/dial-result', dialResult, 1000],
    ['/transfer', transfer, 2000],
  ] as const)('makes the service dial what the owner did not configure: %s', async (_path, handler, numRuns) => {
    await fc.assert(
      fc.asyncProperty(event, async (parameters) => {
        const { callbacks, httpStatus, verbs } = await invoke(handler, env, parameters);

        expect({ callbacks, httpStatus }).toEqual({ callbacks: 1, httpStatus: 200 });
        for (const noun of dialled(verbs)) {
          if (noun.name === 'Number') expect(configured).toContain(noun.text);
          else
            expect(noun).toMatchObject({
              name: 'Sip',
              text: expect.stringMatching(/^sip:[^@]+@(sip|sipin)\.synthflow\.ai:32681(\?X-EI=|$)/),
            });
        }
      }),
      { numRuns },
    );
  });
});
