import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { NumberTable } from '../src/assets/settings.private';
import { buildTemporarily, type TemporaryBuild } from '../tools/build/build';
import { credentials, type Environment, readEnvironment, secretCredentials, settingNames } from '../tools/environment';
import type { Shell } from '../tools/shell';
import { labNumbers } from './scenarios';

/** The settings and the build that a call is played with. */
export interface PlayedSettings {
  readonly environment: Environment;
  readonly numbers: NumberTable;
  /** The folder with the build to run, its number table included (default: `dist`). */
  readonly dist?: string;
  /** The folder with the maps of its files to their sources. */
  readonly maps?: string;
}

/** The settings of the owner, or the lab's own. */
export interface FollowedSettings extends PlayedSettings {
  /** Whether the env file, or the shell, has settings. */
  readonly areOwn: boolean;
}

/** The settings of a lab that has no others: a route on which everything can happen. */
export const labEnvironment: Environment = {
  SYNTHFLOW_API_KEY: 'a-key-of-the-lab',
  SYNTHFLOW_MODEL_ID: 'lab-agent',
  CALL_ROUTE: `agent,${labNumbers.person},voicemail`,
  TRANSFER_NUMBERS: labNumbers.sales,
};

/** Whether the env file, or the shell, has settings. */
export const hasOwnSettings = (environment: Environment): boolean =>
  settingNames.some((name) => environment[name] !== undefined);

/** Where settings come from, in a few words. */
export const sourceOf = (areOwn: boolean, envFile: string): string =>
  areOwn ? `${envFile} and your number table` : `settings of its own, since ${envFile} has none`;

/** Follows an env file and the source: each call of the returned function gives the settings as they are then. */
export function followSettings(shell: Shell, envFile: string): () => Promise<FollowedSettings> {
  const source = join(shell.project, 'src');
  let known: { readonly stamp: string; readonly built: Promise<TemporaryBuild> } | undefined;
  return async () => {
    const environment = readEnvironment(shell, envFile);
    const areOwn = hasOwnSettings(environment);
    // The number table may read variables, too.
    const stamp = `${JSON.stringify(environment)}\n${stampOf(source)}`;
    if (stamp !== known?.stamp) known = { stamp, built: buildTemporarily(shell.project, environment) };
    return { ...(await known.built), environment: areOwn ? environment : labEnvironment, areOwn };
  };
}

/** Changes whenever a file of the folder does. */
function stampOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  // A file may be gone by now: editors save by way of files that exist for a moment.
  return files.map((file) => `${file} ${statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs}`).join('\n');
}

/** The stand-ins that replace Synthflow, and the receiver of voicemails. */
export interface StandIns {
  readonly authToken: string;
  /** Base of the API, with its key. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly sipAddress: string;
  readonly notifyUrl: string;
}

/** The variables that the functions see: these settings, with stand-ins in place of what would leave this machine. */
export function playedEnvironment(environment: Environment, standIns: StandIns, scenario: Environment): Environment {
  // The trunk's stand-in speaks neither TLS nor SRTP.
  // A login for deploying is no function's, and the emulator reads its variables from a file.
  const own = Object.entries(environment).filter(
    ([name]) => !name.startsWith('SYNTHFLOW_SIP_') && !credentials.includes(name) && !secretCredentials.includes(name),
  );
  const played: Environment = {
    // The stand-in needs no agent of its own, and the settings' problems say that one is missing.
    SYNTHFLOW_MODEL_ID: 'lab-agent',
    ...Object.fromEntries(own),
    SYNTHFLOW_API_KEY: standIns.apiKey,
    SYNTHFLOW_API_URL: standIns.apiUrl,
    SYNTHFLOW_SIP_TERMINATION: standIns.sipAddress,
    // The cloud gives every function the account's token, too.
    AUTH_TOKEN: standIns.authToken,
    ...scenario,
  };
  return (played.NOTIFY_URL ?? '') === '' ? played : { ...played, NOTIFY_URL: standIns.notifyUrl };
}

/** Whether the lab plays a stand-in in place of this setting of the environment. */
export const isReplaced = (setting: string): boolean =>
  /^SYNTHFLOW_(API_|MODEL_|SIP_)/.test(setting) || setting === 'NOTIFY_URL';

/** A shorter text is a placeholder, and may be a part of any word that a story has. */
const shortestSecret = 8;

/** What of these settings no story may show. */
export function secretsOf({ SYNTHFLOW_API_KEY = '', NOTIFY_URL = '' }: Environment, numbers: NumberTable) {
  const own = Object.values(numbers).flatMap(({ apiKey = '', notifyUrl = '' }) => [apiKey, notifyUrl]);
  return [SYNTHFLOW_API_KEY, NOTIFY_URL, ...own].filter((secret) => secret.length >= shortestSecret);
}

/** The number that is called by default: the table's first phone number, else the lab's own. */
export function firstNumber(numbers: NumberTable): string {
  return Object.keys(numbers).find((key) => key.startsWith('+')) ?? labNumbers.called;
}
