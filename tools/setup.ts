import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Variable, variables } from '../src/assets/environment.private';
import { e164 } from '../src/assets/twilio/address.private';
import { deploymentOptions, runCommand } from './command';
import { formatEnvFile, readEnvFile } from './environment';

/** The answers, by the setting that each becomes: what the env file has already isn't asked. */
async function ask(known: Readonly<Record<string, string>>): Promise<readonly (readonly [string, string])[]> {
  const { input, password, select } = await import('@inquirer/prompts');
  const validate = (variable: Variable<unknown>) => (text: string) =>
    variable.parse(text.trim()) !== undefined || `Expected ${variable.accepts}.`;
  const isFallback = (text: string): boolean => text === '' || text === 'voicemail' || e164.test(text);
  const answers: (readonly [string, string])[] = [];
  const fill = async ({ name }: Variable<unknown>, question: () => Promise<string>): Promise<void> => {
    if ((known[name] ?? '') === '') answers.push([name, (await question()).trim()]);
  };
  const { apiKey, modelId, region, callRoute } = variables;
  const keyMessage = 'API key of your Synthflow workspace';
  await fill(apiKey, () => password({ message: keyMessage, mask: true, validate: validate(apiKey) }));
  await fill(modelId, () => input({ message: 'Id of the agent that answers', validate: validate(modelId) }));
  await fill(region, () => select({ message: 'Region of the workspace', choices: ['us', 'eu', 'global'] }));
  await fill(callRoute, async () => {
    const message = "When the agent can't: a phone number, voicemail, or nothing for a spoken message";
    const wrong = 'Expected a phone number in E.164, such as +15550100190, or voicemail.';
    const answer = await input({ message, validate: (text) => isFallback(text.trim()) || wrong });
    return answer.trim() === '' ? 'agent' : `agent,${answer.trim()}`;
  });
  return answers;
}

/** Writes a setting into its empty line, or behind the last one. */
function writeSetting(file: string, name: string, value: string): void {
  const line = formatEnvFile({ [name]: value });
  const text = readFileSync(file, 'utf8');
  const empty = new RegExp(`^${name}=\\s*\\n`, 'm');
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  writeFileSync(file, empty.test(text) ? text.replace(empty, () => line) : `${start}${line}`);
}

void runCommand({
  name: 'setup',
  usage: '[--env FILE]',
  summary: 'Asks for the settings without which no call reaches an agent, and writes them into .env.',
  options: { env: deploymentOptions.env },
  notes: 'It changes no setting that has a value.',
  failure: 'The settings could not be written',
  run: async ({ env }) => {
    const file = resolve(env);
    if (!process.stdin.isTTY)
      throw new Error('expected a terminal; without one, copy .env.example to .env and fill it in');
    const answers = await ask(existsSync(file) ? readEnvFile(file) : {});
    // The file holds a key: only this user may read it.
    if (!existsSync(file)) writeFileSync(file, readFileSync(resolve(__dirname, '../.env.example')), { mode: 0o600 });
    for (const [name, value] of answers) writeSetting(file, name, value);
    return { text: `Wrote ${answers.length} settings to ${env}. Next: npm run call, npm run check`, exitStatus: 0 };
  },
});
