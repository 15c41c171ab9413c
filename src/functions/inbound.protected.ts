import type { Call } from '../assets/call.private';
import type { PrepareBody } from '../assets/prepare.private';
import type { ApiSettings } from '../assets/settings.private';

const { decide }: typeof import('../assets/ladder.private') = require(Runtime.getAssets()['/ladder.js'].path);
const { prepare }: typeof import('../assets/prepare.private') = require(Runtime.getAssets()['/prepare.js'].path);
const { dialable }: typeof import('../assets/trunk.private') = require(Runtime.getAssets()['/trunk.js'].path);
const { webhook }: typeof import('../assets/webhook.private') = require(Runtime.getAssets()['/webhook.js'].path);

/** The voice webhook of a number: prepares the call at Synthflow and dials its trunk, in one round trip. */
export const handler = webhook('inbound', async ({ call, settings: { api, trunk, ladder } }) => {
  if (api === undefined || trunk === undefined) {
    return { decision: decide({ failure: 'misconfigured', below: 'agent' }, ladder) };
  }
  const number = trunk.dialNumber ?? dialable(call.to);
  if (number === undefined) {
    return { decision: decide({ failure: 'invalid_request', below: 'agent' }, ladder) };
  }

  const budgetMs = api.prepareTimeoutMs;
  const { verdict, ...report } = await prepare({ ...api, budgetMs, body: bodyFor(api, call), meanwhile: loadAnswer });
  const { prepared, ...known } = verdict;
  return {
    decision: decide({ verdict, destination: { ...trunk, number } }, ladder),
    known: { ...report, ...known },
  };
});

/** Loads what the answer needs: what writes it, and a class that the runtime loads on first use. */
function loadAnswer(): void {
  require(Runtime.getAssets()['/twiml.js'].path);
  void Twilio.Response;
}

function bodyFor(api: ApiSettings, call: Call): PrepareBody {
  return {
    from_number: call.from,
    to_number: call.to,
    model_id: api.modelId,
    workspace_id: api.workspaceId,
    custom_variables: api.customVariables(call),
  };
}
