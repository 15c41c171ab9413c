import { afterPreparing, withoutAgent } from '../assets/ladder.private';
import { isRefused } from '../assets/refusal.private';
import type { ApiSettings } from '../assets/settings.private';
import { type PrepareBody, prepare } from '../assets/synthflow/prepare.private';
import { dialableNumber } from '../assets/twilio/address.private';
import type { Call } from '../assets/twilio/call.private';
import { isCallerGone } from '../assets/twilio/leg.private';
import { webhook } from '../assets/webhook.private';

/** The voice webhook of a number: prepares the call at Synthflow and dials its trunk, in one round trip. */
export const handler = webhook('inbound', async ({ call, settings: { api, trunk, ladder, refused } }) => {
  if (isCallerGone(call.parameters)) return { decision: { outcome: 'caller_hung_up' } };
  if (isRefused(call.caller, refused)) return { decision: { outcome: 'refused' } };
  if (api === undefined || trunk === undefined) return { decision: withoutAgent('misconfigured', ladder) };
  const number = trunk.dialNumber ?? dialableNumber(call.called);
  // A form that was not encoded has a blank where the plus was.
  const hasBlank = /^ \d/.test(call.to);
  if (number === undefined) return { decision: withoutAgent(hasBlank ? 'unencoded_plus' : 'invalid_request', ladder) };

  const { result, ...report } = await prepare({ ...api, body: bodyFor(api, call), whileSynthflowWorks: loadTwiml });
  const { prepared, ...fields } = result;
  return {
    decision: afterPreparing(result, { ...trunk, number }, ladder),
    logFields: { ...report, ...fields },
  };
});

/** Preloads the TwiML writer and `Twilio.Response`, which the runtime loads when it is read for the first time. */
async function loadTwiml(): Promise<void> {
  await import('../assets/twilio/twiml.private');
  void Twilio.Response;
}

function bodyFor(api: ApiSettings, call: Call): PrepareBody {
  return {
    from_number: call.caller.kind === 'number' ? call.caller.number : call.from,
    to_number: call.called.kind === 'number' ? call.called.number : call.to,
    model_id: api.modelId,
    workspace_id: api.workspaceId,
    custom_variables: api.customVariables(call),
  };
}
