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
    return { decision: decide({ stage: 'inbound', failure: 'misconfigured' }, ladder) };
  }
  const number = trunk.dialNumber ?? dialable(call.to);
  if (number === undefined) return { decision: decide({ stage: 'inbound', failure: 'invalid_request' }, ladder) };

  const preparing = prepare({ ...api, budgetMs: api.prepareTimeoutMs, body: bodyFor(api, call) });
  // Loaded while Synthflow works: the SDK's part is the slowest to load.
  require(Runtime.getAssets()['/twiml.js'].path);
  const { verdict, ...report } = await preparing;
  const { prepared, ...known } = verdict;
  return {
    decision: decide({ stage: 'inbound', verdict, destination: { ...trunk, number } }, ladder),
    known: { ...report, ...known },
  };
});

function bodyFor(api: ApiSettings, call: Call): PrepareBody {
  return {
    from_number: call.from,
    to_number: call.to,
    model_id: api.modelId,
    ...(api.workspaceId !== undefined && { workspace_id: api.workspaceId }),
    custom_variables: api.customVariables(call),
  };
}
