import { readSettings } from '../../../src/assets/settings.private';
import { parseAddress } from '../../../src/assets/twilio/address.private';
import { parseCall } from '../../../src/assets/twilio/call.private';
import { render } from '../../../src/assets/twilio/twiml.private';
import { parseTwiml } from '../../../tools/story/twiml';

const settings = readSettings(
  { SYNTHFLOW_API_KEY: 'key', SYNTHFLOW_MODEL_ID: 'agent' },
  {},
  parseAddress('+15550100100'),
);
const call = parseCall({ From: '+15550100142', To: '+15550100100' });

describe('The TwiML of a refused transfer', () => {
  test('dials a name that never resolves (RFC 6761), so that Twilio leaves the caller with the agent', () => {
    const refused = { outcome: 'transfer_refused', step: 0, reason: 'host_not_allowed' } as const;
    const [dial] = parseTwiml(render(refused, settings, call));

    expect(dial?.children).toMatchObject([{ name: 'Sip', text: 'sip:refused@transfer.invalid' }]);
  });
});
