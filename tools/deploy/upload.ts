import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { types } from 'node:util';
import type { TwilioServerlessApiClient } from '@twilio-labs/serverless-api';
import { progress } from '../command';
import { credentials, type Environment } from '../environment';
import type { Shell } from '../shell';
import { messageOf, oneLine } from '../text';
import { type Account, placeOf } from '../twilio/account';

/** Milliseconds for one request of a deployment, the upload of a file included. */
const uploadTimeoutMs = 120_000;

/** What is deployed, and where. */
export interface Upload {
  readonly account: Account;
  /** The folder with the build. */
  readonly dist: string;
  readonly environment: Environment;
  readonly serviceName: string;
  /** Of the environment; empty for production. */
  readonly suffix: string;
  /** Called before the variables are set. */
  readonly onVariables: () => void;
}

/**
 * Deploys a build with the toolkit's own client, which retries what Twilio refuses for a moment. Returns the SID of the
 * build; throws a sentence. The variables are set just before the build is activated, and count at once.
 */
export async function upload(
  shell: Shell,
  { account, dist, environment, serviceName, suffix, onVariables }: Upload,
): Promise<string> {
  let cause: unknown;
  const api = await openApi(shell, account, (error) => {
    cause = error;
  });
  const { getListOfFunctionsAndAssets } = await import('@twilio-labs/serverless-api/dist/utils');
  const names = { functionsFolderNames: ['functions'], assetsFolderNames: ['assets'] };
  const { functions, assets } = await getListOfFunctionsAndAssets(dist, names);
  // The build refuses them by their names; this is what Twilio makes of them.
  const open = [...functions, ...assets].filter(({ access }) => access === 'public');
  if (open.length > 0) throw new Error(`${open.map(({ path }) => path).join(', ')} would be public`);
  api.on('status-update', ({ status, message }) => {
    if (status === 'setting-variables') onVariables();
    progress(shell, oneLine(message).replace(/\.$/, '').toLowerCase());
  });
  // Twilio gives each function the account's own login.
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !credentials.includes(name)));
  const deployed = api.deployProject({
    username: account.username,
    password: account.password,
    serviceName,
    // A second deployment finds the service by its name, on any machine.
    overrideExistingService: true,
    functionsEnv: suffix,
    env,
    functions,
    assets,
    pkgJson: JSON.parse(readFileSync(join(dist, '../source/package.json'), 'utf8')),
    runtime: 'node22',
  });
  const { buildSid } = await deployed.catch((error: unknown) => {
    throw new Error(describeFailure(error, cause));
  });
  return buildSid;
}

async function openApi(
  { request }: Shell,
  account: Account,
  onError: (error: unknown) => void,
): Promise<TwilioServerlessApiClient> {
  const { username, password } = account;
  // The account names the region, and the client would follow these.
  delete process.env.TWILIO_REGION;
  delete process.env.TWILIO_EDGE;
  const { TwilioServerlessApiClient } = await import('@twilio-labs/serverless-api');
  const api = new TwilioServerlessApiClient({ username, password, ...placeOf(account) });
  const client = api.getClient().extend({
    timeout: uploadTimeoutMs,
    // The code and the variables go to Twilio, and nowhere else.
    followRedirect: false,
    ...(request && { request }),
    hooks: {
      init: [
        (options) => {
          // A form is a stream, which can't be sent again after a 429; its bytes can.
          const { body } = options;
          if (!isForm(body)) return;
          options.headers = { ...options.headers, ...body.getHeaders() };
          options.body = body.getBuffer();
        },
      ],
      beforeError: [
        (error) => {
          onError(error);
          return error;
        },
      ],
      afterResponse: [
        (response) => {
          const { statusCode } = response;
          // Without following it, the client takes a redirect for a success.
          if (statusCode >= 300 && statusCode < 400) throw new Error(`Twilio answered with a redirect (${statusCode})`);
          return response;
        },
      ],
    },
  });
  // The client has no option for these.
  Object.assign(api, { client });
  return api;
}

/** A form of the package `form-data`, with which the toolkit uploads a file. */
interface Form {
  getHeaders(): Record<string, string>;
  getBuffer(): Buffer;
}

const isForm = (body: unknown): body is Form => typeof body === 'object' && body !== null && 'getBuffer' in body;

/** An error's message in one line; the client writes the login into the URLs that its errors name. */
const withoutLogin = (error: unknown): string => oneLine(messageOf(error)).replace(/\/\/[^/\s"]*@/g, '//…@');

/** What went wrong while deploying, in one sentence; `cause` is the last error of a request. */
function describeFailure(error: unknown, cause: unknown): string {
  const code = types.isNativeError(error) && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^(ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|EPIPE)/.test(code)) {
    return 'the connection to Twilio broke: run it again; what was live before still answers';
  }
  const message = withoutLogin(error);
  if (types.isNativeError(error) && error.name === 'ParseError') {
    return "Twilio answered something that isn't JSON: is a proxy in between?";
  }
  if (message === 'failed') {
    return "Twilio could not build it, most likely for a dependency that can't be installed: see the service's builds in the Console";
  }
  if (message === 'Timeout') return 'Twilio took longer than five minutes to build it: run it again';
  // The client leaves out why.
  if (message.startsWith('Failed to')) return `${message}: ${withoutLogin(cause)}; run it again`;
  return typeof code === 'number'
    ? `Twilio's error ${code}: ${message}; see https://www.twilio.com/docs/api/errors/${code}`
    : message;
}
