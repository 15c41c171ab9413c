import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { progress } from '../command';
import type { Shell } from '../shell';
import { messageOf, parseJson } from '../text';
import type { Account } from '../twilio/account';
import type { Deployment } from '../twilio/deployment';

/** The toolkit's record of what a checkout has deployed; `twilio serverless:deploy` reads and writes it, too. */
const fileName = '.twiliodeployinfo';

/** The record's text; empty for one that doesn't exist, or can't be read. */
function readRecord({ project }: Pick<Shell, 'project'>): string {
  const file = join(project, fileName);
  try {
    // A pipe would be waited for.
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}

/** The builds that this checkout has deployed last, by environment. A record that can't be read knows none. */
function ownBuilds(shell: Shell, key: string): Readonly<Record<string, unknown>> {
  const record: Readonly<Record<string, unknown>> = Object(parseJson(readRecord(shell)));
  return Object(Object(record[key]).builds);
}

const keyOf = ({ username, region }: Account): string => `${username}:${region}`;

/** Whether this checkout made what is live there: somebody else may have deployed since. */
export const isOwnDeployment = (shell: Shell, account: Account, { environmentSid, buildSid }: Deployment): boolean =>
  ownBuilds(shell, keyOf(account))[environmentSid] === buildSid;

/** Notes that this checkout has deployed there. Never throws: by then it is live. */
export function rememberDeployment(shell: Shell, account: Account, deployment: Deployment): void {
  const { serviceSid, environmentSid, buildSid } = deployment;
  const file = join(shell.project, fileName);
  const key = keyOf(account);
  const known: object = Object(parseJson(readRecord(shell)));
  // The toolkit knows one service and its latest build, and leaves out what else is there.
  const builds = { ...ownBuilds(shell, key), [environmentSid]: buildSid };
  const all = { ...known, [key]: { serviceSid, latestBuild: buildSid, builds } };
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  } catch (error) {
    progress(shell, `${fileName} could not be written (${messageOf(error)}), so the next deployment asks again`);
  }
}
