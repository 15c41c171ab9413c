import { type NumberTable, readSettings } from '../src/assets/settings.private';
import type { Environment } from '../tools/environment';
import { labNumbers } from './scenarios';

/** The settings and the build that a call is played with. */
export interface PlayedSettings {
  readonly environment: Environment;
  readonly numbers: NumberTable;
  /** The folder with the build to run, its number table included; `dist` unless given. */
  readonly dist?: string;
}

/** The settings of a lab that has no others: a route on which everything can happen. */
export const labEnvironment: Environment = {
  SYNTHFLOW_API_KEY: 'a-key-of-the-lab',
  SYNTHFLOW_MODEL_ID: 'lab-agent',
  CALL_ROUTE: `agent,${labNumbers.person},voicemail`,
  TRANSFER_NUMBERS: labNumbers.sales,
};

/** Where the stand-ins are that take the place of Synthflow, and of whoever takes voicemails. */
export interface StandIns {
  readonly authToken: string;
  readonly sipAddress: string;
  readonly voicemailUrl: string;
  /** The stand-in's API with its key; the real one has the key of the settings. */
  readonly api: { readonly url: string; readonly key?: string };
}

/** The variables that the functions see: these settings, with stand-ins in place of what would leave this machine. */
export function playedEnvironment(environment: Environment, standIns: StandIns, scenario: Environment): Environment {
  // The trunk is always a stand-in: it speaks neither TLS nor SRTP.
  const own = Object.entries(environment).filter(([name]) => !name.startsWith('SYNTHFLOW_SIP_'));
  const { url, key } = standIns.api;
  const played: Environment = {
    // A stand-in needs no agent of its own; whoever has one hears about it in the settings' problems.
    ...(key !== undefined && { SYNTHFLOW_MODEL_ID: 'lab-agent' }),
    ...Object.fromEntries(own),
    ...(key !== undefined && { SYNTHFLOW_API_KEY: key }),
    SYNTHFLOW_API_URL: url,
    SYNTHFLOW_SIP_TERMINATION: standIns.sipAddress,
    // The cloud gives every function the account's token, too.
    AUTH_TOKEN: standIns.authToken,
    ...scenario,
  };
  return (played.VOICEMAIL_URL ?? '') === '' ? played : { ...played, VOICEMAIL_URL: standIns.voicemailUrl };
}

/** What of these settings no story may show. */
export function secretsOf({ SYNTHFLOW_API_KEY = '', VOICEMAIL_URL = '' }: Environment): readonly string[] {
  return [SYNTHFLOW_API_KEY, VOICEMAIL_URL].filter((secret) => secret !== '');
}

/** The number that is called unless somebody says which: the table's first phone number, else the lab's own. */
export function firstNumber(numbers: NumberTable): string {
  return Object.keys(numbers).find((key) => key.startsWith('+')) ?? labNumbers.called;
}

/** The real API that these settings reach; throws with what is wrong when they reach none. */
export function realApiOf({ environment, numbers }: PlayedSettings, called: string): string {
  if (environment === labEnvironment) throw new Error("the lab's own settings don't reach the real API: fill in .env");
  const { api, problems } = readSettings(environment, numbers, called);
  if (api !== undefined) return api.apiUrl;
  throw new Error(`the settings don't reach the real API:\n${problems.join('\n')}`);
}
