import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { progress } from '../command';
import type { Shell } from '../shell';
import { messageOf, parseJson } from '../text';
import type { Account } from '../twilio/account';

/** The toolkit's record of what a checkout has deployed; `twilio serverless:deploy` reads and writes it, too. */
const fileName = '.twiliodeployinfo';

/** The record's text; empty for one that doesn't exist, or can't be read. */
function readRecord({ project }: Pick<Shell, 'project'>): string {
  try {
    return readFileSync(join(project, fileName), 'utf8');
  } catch {
    return '';
  }
}

/** Whether this checkout has deployed a service before. A record that can't be read knows none. */
export const isOwnService = (shell: Shell, serviceSid: string): boolean => readRecord(shell).includes(serviceSid);

/** Notes that this checkout has deployed a service. Never throws: by then it is live. */
export function rememberService(shell: Shell, { username }: Account, serviceSid: string, buildSid: string): void {
  const file = join(shell.project, fileName);
  const known: object = Object(parseJson(readRecord(shell)));
  const all = { ...known, [`${username}:us1`]: { serviceSid, latestBuild: buildSid } };
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  } catch (error) {
    progress(shell, `${fileName} could not be written (${messageOf(error)}), so the next deployment asks again`);
  }
}
