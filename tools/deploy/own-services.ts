import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shell } from '../shell';
import { parseJson } from '../text';
import type { Account } from '../twilio/account';

/** The toolkit's record of what a checkout has deployed; `twilio serverless:deploy` reads and writes it, too. */
const fileName = '.twiliodeployinfo';

/** Whether this checkout has deployed a service before. A record that can't be read knows none. */
export function isOwnService({ project }: Pick<Shell, 'project'>, serviceSid: string): boolean {
  const file = join(project, fileName);
  return existsSync(file) && readFileSync(file, 'utf8').includes(serviceSid);
}

/** Notes that this checkout has deployed a service. */
export function rememberService(
  { project }: Pick<Shell, 'project'>,
  { username }: Account,
  serviceSid: string,
  buildSid: string,
): void {
  const file = join(project, fileName);
  const known: object = Object(existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : {});
  const all = { ...known, [`${username}:us1`]: { serviceSid, latestBuild: buildSid } };
  writeFileSync(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
