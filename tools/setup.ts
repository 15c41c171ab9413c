import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
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
  const questions: readonly (readonly [Variable<unknown>, () => Promise<string>])[] = [
    [
      variables.apiKey,
      () =>
        password({ message: 'API key of your Synthflow workspace', mask: true, validate: validate(variables.apiKey) }),
    ],
    [
      variables.modelId,
      () => input({ message: 'Id of the agent that answers', validate: validate(variables.modelId) }),
    ],
    [variables.region, () => select({ message: 'Region of the workspace', choices: ['us', 'eu', 'global'] })],
    [
      variables.callRoute,
      async () => {
        const message = "When the agent can't: a phone number, voicemail, or nothing for a spoken message";
        const wrong = 'Expected a phone number in E.164, such as +15550100190, or voicemail.';
        const answer = await input({ message, validate: (text) => isFallback(text.trim()) || wrong });
        return answer.trim() === '' ? 'agent' : `agent,${answer.trim()}`;
      },
    ],
  ];
  const answers: (readonly [string, string])[] = [];
  for (const [{ name }, question] of questions) {
    if ((known[name] ?? '') === '') answers.push([name, (await question()).trim()]);
  }
  return answers;
}

/** Writes a setting into its empty line, or behind the last one. */
function writeSetting(file: string, name: string, value: string): void {
  const line = formatEnvFile({ [name]: value });
  const text = readFileSync(file, 'utf8');
  const empty = new RegExp(`^${name}=\\s*\\n`, 'm');
  if (empty.test(text))
    writeFileSync(
      file,
      text.replace(empty, () => line),
    );
  else appendFileSync(file, text === '' || text.endsWith('\n') ? line : `\n${line}`);
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
