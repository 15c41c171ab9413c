import { type Arrival, account, domain, type StandInCall, type State, sidOf } from './twilio-state';

/** An answer of an API. */
export type Answer = { readonly status: number; readonly body: unknown };
type Route = readonly [pattern: RegExp, answer: (state: State, arrival: Arrival, found: readonly string[]) => Answer];

/** An answer with this body. */
export const ok = (body: unknown, status = 200): Answer => ({ status, body });
/** What Twilio says of what does not exist. */
export const missing: Answer = { status: 404, body: { code: 20404, message: 'not found', status: 404 } };

const page = (key: string, items: readonly unknown[], next: string | null = null) => ({
  [key]: items,
  meta: { key, page: 0, page_size: 50, url: '', first_page_url: '', previous_page_url: null, next_page_url: next },
});
const form = (arrival: Arrival): URLSearchParams => new URLSearchParams(arrival.body);
const next = (state: State, prefix: string): string => {
  state.count += 1;
  return sidOf(prefix, state.count);
};
/** A page of two items, as the API of 2010 pages: the next one by its path. */
function pageOfAccount(
  key: string,
  all: readonly unknown[],
  { path }: Arrival,
  parameters: URLSearchParams,
): Record<string, unknown> {
  const page = Number(parameters.get('Page') ?? 0);
  const query = new URLSearchParams(parameters);
  query.set('Page', `${page + 1}`);
  const more = (page + 1) * 2 < all.length;
  const items = all.slice(page * 2, page * 2 + 2);
  return { [key]: items, next_page_uri: more ? `${path.split('?')[0]}?${query}` : null, page, page_size: 2 };
}
const accounts = `api\\.twilio\\.com/2010-04-01/Accounts/${account.sid}`;
const base = 'serverless\\.twilio\\.com/v1/Services';

/** What Twilio's APIs answer, by method, host and path. */
export const routes: readonly Route[] = [
  [new RegExp(`^GET ${base}(?:\\?.*)?$`), (state) => ok(page('services', state.service ? [serviceOf(state)] : []))],
  [
    new RegExp(`^POST ${base}$`),
    (state, arrival) => {
      if (state.service !== undefined)
        return ok({ code: 20409, message: 'unique name already exists', status: 400 }, 400);
      state.service = next(state, 'ZS');
      state.serviceName = form(arrival).get('UniqueName') ?? '';
      return ok(serviceOf(state), 201);
    },
  ],
  [
    new RegExp(`^GET ${base}/(ZS\\w+|twilio-[a-z-]+)$`),
    (state, _arrival, [name = '']) => {
      const { service } = state;
      return service !== undefined && [service, serviceOf(state).unique_name].includes(name)
        ? ok(serviceOf(state))
        : missing;
    },
  ],
  [
    new RegExp(`^GET ${base}/\\w+/Environments(?:\\?.*)?$`),
    (state) => ok(page('environments', state.environment ? [environmentOf(state)] : [])),
  ],
  [new RegExp(`^GET ${base}/\\w+/Environments/\\w+$`), (state) => ok(environmentOf(state))],
  [
    new RegExp(`^POST ${base}/\\w+/Environments$`),
    (state, arrival) => {
      state.environment = { sid: next(state, 'ZE'), build: null, suffix: form(arrival).get('DomainSuffix') ?? '' };
      return ok(environmentOf(state), 201);
    },
  ],
  [
    new RegExp(`^GET ${base}/\\w+/(Functions|Assets)(?:\\?.*)?$`),
    (state, _arrival, [kind]) => {
      const resources = [...state.resources[kind as 'Functions' | 'Assets']];
      return ok(
        page(
          String(kind).toLowerCase(),
          resources.map(([sid, name]) => ({ sid, friendly_name: name })),
        ),
      );
    },
  ],
  [
    new RegExp(`^POST ${base}/\\w+/(Functions|Assets)$`),
    (state, arrival, [kind]) => {
      const sid = next(state, 'ZH');
      const name = form(arrival).get('FriendlyName') ?? '';
      state.resources[kind as 'Functions' | 'Assets'].set(sid, name);
      return ok({ sid, friendly_name: name }, 201);
    },
  ],
  [
    /^POST serverless-upload\.twilio\.com\/v1\/Services\/\w+\/(Functions|Assets)\/(\w+)\/Versions$/,
    (state, arrival, [kind, owner = '']) => {
      const part = (name: string): string =>
        new RegExp(`name="${name}"[^\\r]*(?:\\r\\n[^\\r]+)*\\r\\n\\r\\n([\\s\\S]*?)\\r\\n--`).exec(arrival.body)?.[1] ??
        '';
      const version = {
        sid: next(state, 'ZN'),
        owner,
        kind: kind as 'Functions' | 'Assets',
        path: part('Path'),
        visibility: part('Visibility'),
        content: part('Content'),
      };
      state.versions.set(version.sid, version);
      return ok({ sid: version.sid, path: version.path, visibility: version.visibility }, 201);
    },
  ],
  [
    new RegExp(`^GET ${base}/\\w+/Functions/\\w+/Versions/(\\w+)/Content$`),
    (state, _arrival, [sid = '']) => ok({ sid, content: state.versions.get(sid)?.content }),
  ],
  [
    new RegExp(`^POST ${base}/\\w+/Builds$`),
    (state, arrival) => {
      const fields = form(arrival);
      const sid = next(state, 'ZB');
      state.builds.set(sid, {
        functions: fields.getAll('FunctionVersions'),
        assets: fields.getAll('AssetVersions'),
        dependencies: fields.get('Dependencies') ?? '',
      });
      return ok({ sid, status: 'building', runtime: fields.get('Runtime') }, 201);
    },
  ],
  [
    new RegExp(`^GET ${base}/\\w+/Builds/(\\w+)/Status$`),
    ({ buildStatus }, _arrival, [sid]) => ok({ sid, status: buildStatus }),
  ],
  [
    new RegExp(`^GET ${base}/\\w+/Builds/(\\w+)$`),
    (state, _arrival, [sid = '']) => {
      const versions = (state.builds.get(sid)?.functions ?? []).flatMap((one) => state.versions.get(one) ?? []);
      return ok({
        sid,
        status: 'completed',
        asset_versions: [],
        function_versions: versions.map((one) => ({
          sid: one.sid,
          function_sid: one.owner,
          path: one.path,
          visibility: one.visibility,
        })),
        dependencies: [],
      });
    },
  ],
  [
    new RegExp(`^GET ${base}/\\w+/Environments/\\w+/Variables(?:\\?.*)?$`),
    (state) =>
      ok(
        page(
          'variables',
          [...state.variables].map(([sid, { key, value }]) => ({ sid, key, value })),
        ),
      ),
  ],
  [
    new RegExp(`^POST ${base}/\\w+/Environments/\\w+/Variables(?:/(\\w+))?$`),
    (state, arrival, [known]) => {
      const sid = known ?? next(state, 'ZV');
      const key = form(arrival).get('Key') ?? state.variables.get(sid)?.key ?? '';
      const value = form(arrival).get('Value') ?? '';
      state.variables.set(sid, { key, value });
      // Counts at once, without a deployment (twilio.com/docs/serverless/functions-assets/functions/variables).
      state.live.variables[key] = value;
      return ok({ sid, key, value }, 201);
    },
  ],
  [
    new RegExp(`^DELETE ${base}/\\w+/Environments/\\w+/Variables/(\\w+)$`),
    (state, _arrival, [sid = '']) => {
      delete state.live.variables[state.variables.get(sid)?.key ?? ''];
      return state.variables.delete(sid) ? ok('', 204) : missing;
    },
  ],
  [
    new RegExp(`^POST ${base}/\\w+/Environments/\\w+/Deployments$`),
    (state, arrival) => {
      const sid = form(arrival).get('BuildSid') ?? '';
      const built = state.builds.get(sid);
      if (built === undefined || state.environment === undefined) return missing;
      state.environment.build = sid;
      const of = (sids: readonly string[]) => sids.flatMap((one) => state.versions.get(one) ?? []);
      const variables = Object.fromEntries([...state.variables.values()].map(({ key, value }) => [key, value]));
      Object.assign(state.live, {
        functions: of(built.functions),
        assets: of(built.assets),
        variables,
        dependencies: built.dependencies,
      });
      return ok({ sid: next(state, 'ZD') }, 201);
    },
  ],
  [
    new RegExp(`^GET ${base}/\\w+/Environments/\\w+/Logs(\\?.*)?$`),
    (state, _arrival, [query = '']) => {
      const from = Number(new URLSearchParams(query).get('Page') ?? 0) * 100;
      const logs = state.logs.slice(from, from + 100).map((log, index) => ({ sid: sidOf('NO', from + index), ...log }));
      const more = from + 100 < state.logs.length;
      const url = `https://serverless.twilio.com/v1/Services/${state.service}/Environments/${state.environment?.sid}/Logs?PageSize=100&Page=${from / 100 + 1}`;
      return ok(page('logs', logs, more ? url : null));
    },
  ],
  [
    /^GET routes\.twilio\.com\/v2\/PhoneNumbers\/([^/?]+)$/,
    (state, _arrival, [number = '']) => {
      const phoneNumber = decodeURIComponent(number);
      return ok({ phone_number: phoneNumber, voice_region: state.voiceRegions[phoneNumber] ?? 'us1' });
    },
  ],
  [
    /^GET api\.twilio\.com\/2010-04-01\/Accounts\/\w+\/IncomingPhoneNumbers\.json(\?.*)?$/,
    (state, arrival, [query = '']) => {
      const parameters = new URLSearchParams(query);
      const wanted = parameters.get('PhoneNumber');
      const all = state.numbers.filter(({ phone_number }) => wanted === null || phone_number === wanted);
      const from = Number(parameters.get('Page') ?? 0) * 50;
      const nextUri = from + 50 < all.length ? `${arrival.path.split('?')[0]}?PageSize=50&Page=${from / 50 + 1}` : null;
      return ok({ incoming_phone_numbers: all.slice(from, from + 50), next_page_uri: nextUri, page: 0, page_size: 50 });
    },
  ],
  [
    /^POST api\.twilio\.com\/2010-04-01\/Accounts\/\w+\/IncomingPhoneNumbers\/(\w+)\.json$/,
    (state, arrival, [sid]) => {
      const number = state.numbers.find((one) => one.sid === sid);
      if (number === undefined) return missing;
      const fields = form(arrival);
      number.voice_url = fields.get('VoiceUrl') ?? number.voice_url;
      number.voice_method = fields.get('VoiceMethod') ?? number.voice_method;
      number.voice_fallback_url = fields.get('VoiceFallbackUrl') ?? number.voice_fallback_url;
      number.voice_fallback_method = fields.get('VoiceFallbackMethod') ?? number.voice_fallback_method;
      return ok(number);
    },
  ],
  [
    /^GET api\.twilio\.com\/2010-04-01\/Accounts\/\w+\/Applications\.json(?:\?.*)?$/,
    (state) => ok({ applications: state.apps, next_page_uri: null, page: 0, page_size: 50 }),
  ],
  [
    new RegExp(`^GET ${accounts}/Calls\\.json(\\?.*)?$`),
    (state, arrival, [query = '']) => {
      const parameters = new URLSearchParams(query);
      const wanted = (name: string, value: string | null): boolean =>
        !parameters.has(name) || parameters.get(name) === value;
      const after = Date.parse(parameters.get('StartTime>') ?? '1970-01-01');
      const all = state.calls.filter(
        (call) =>
          wanted('ParentCallSid', call.parent_call_sid) &&
          wanted('From', call.from) &&
          wanted('To', call.to) &&
          Date.parse(call.start_time ?? call.date_created) >= after - 1000,
      );
      return ok(pageOfAccount('calls', all, arrival, parameters));
    },
  ],
  [
    new RegExp(`^POST ${accounts}/Calls\\.json$`),
    (state, arrival) => {
      const now = new Date().toUTCString().replace('GMT', '+0000');
      const call: StandInCall = {
        sid: next(state, 'CA'),
        parent_call_sid: null,
        direction: 'outbound-api',
        status: 'queued',
        from: form(arrival).get('From') ?? '',
        to: form(arrival).get('To') ?? '',
        duration: null,
        date_created: now,
        start_time: null,
        end_time: null,
      };
      state.calls.push(call);
      state.onCall(call);
      return ok(call, 201);
    },
  ],
  [
    new RegExp(`^(GET|POST) ${accounts}/Calls/(\\w+)\\.json$`),
    (state, arrival, [method, sid]) => {
      const call = state.calls.find((one) => one.sid === sid);
      if (call === undefined) return missing;
      if (method === 'POST') call.status = form(arrival).get('Status') ?? call.status;
      return ok(call);
    },
  ],
  [
    new RegExp(`^GET ${accounts}/Calls/(\\w+)/Events\\.json(\\?.*)?$`),
    (state, arrival, [sid = '', query = '']) =>
      ok(pageOfAccount('events', state.events[sid] ?? [], arrival, new URLSearchParams(query))),
  ],
  [
    /^GET monitor\.twilio\.com\/v1\/Alerts(\?.*)?$/,
    (state, _arrival, [query = '']) => {
      const from = Number(new URLSearchParams(query).get('Page') ?? 0) * 1000;
      const more = from + 1000 < state.alerts.length;
      const url = `https://monitor.twilio.com/v1/Alerts?PageSize=1000&Page=${from / 1000 + 1}`;
      return ok(page('alerts', state.alerts.slice(from, from + 1000), more ? url : null));
    },
  ],
];

const serviceOf = ({ service: sid, serviceName }: State) => ({
  sid,
  unique_name: serviceName,
  friendly_name: 'twilio-synthflow-bridge',
  include_credentials: true,
});
const environmentOf = ({ environment }: State) => ({
  sid: environment?.sid,
  build_sid: environment?.build,
  unique_name: 'dev-environment',
  domain_suffix: environment?.suffix || null,
  domain_name: domain,
});
