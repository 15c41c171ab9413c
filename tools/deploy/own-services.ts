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

/** Whether this checkout has deployed to this environment before. A record that can't be read knows none. */
export const isOwnDeployment = (shell: Shell, { environmentSid }: Deployment): boolean =>
  readRecord(shell).includes(environmentSid);

/** Notes that this checkout has deployed there. Never throws: by then it is live. */
export function rememberDeployment(shell: Shell, { username, region }: Account, deployment: Deployment): void {
  const { serviceSid, environmentSid, buildSid } = deployment;
  const file = join(shell.project, fileName);
  const record = readRecord(shell);
  const known: object = Object(parseJson(record));
  // The toolkit knows services alone, and leaves out what it doesn't know.
  const environments = [...new Set([...(record.match(/\bZE\w+/g) ?? []), environmentSid])];
  const all = { ...known, [`${username}:${region}`]: { serviceSid, latestBuild: buildSid, environments } };
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  } catch (error) {
    progress(shell, `${fileName} could not be written (${messageOf(error)}), so the next deployment asks again`);
  }
}
