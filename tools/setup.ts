import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { type Variable, variables } from '../src/assets/environment.private';
import { e164 } from '../src/assets/twilio/address.private';
import { deploymentOptions, runCommand } from './command';
import { formatEnvFile, readEnvFile } from './environment';

/** A question, and the setting that its answer becomes. */
interface Question {
  readonly variable: Variable<unknown>;
  readonly text: string;
  /** What an empty answer means; without one, an answer is needed. */
  readonly empty?: string;
  /** The value of the setting that an answer means. */
  readonly toValue?: (answer: string) => string;
}

const questions: readonly Question[] = [
  { variable: variables.apiKey, text: 'API key of your Synthflow workspace (it is not shown)' },
  { variable: variables.modelId, text: 'Id of the agent that answers' },
  { variable: variables.region, text: 'Region of the workspace: us, eu or global', empty: 'us' },
  {
    variable: variables.callRoute,
    text: "Who answers when the agent can't: a phone number in E.164, or voicemail; nothing for a spoken message",
    empty: 'message',
    toValue: (answer) => (answer === 'message' ? 'agent' : `agent,${answer}`),
  },
];

/** The questions whose settings the env file doesn't have yet. */
const openQuestions = (file: string): readonly Question[] => {
  const known = existsSync(file) ? readEnvFile(file) : {};
  return questions.filter(({ variable }) => (known[variable.name] ?? '') === '');
};

function isAccepted({ variable }: Question, answer: string): boolean {
  if (variable === variables.callRoute) return e164.test(answer) || ['voicemail', 'message'].includes(answer);
  return variable.parse(answer) !== undefined;
}

/** Where questions are asked. */
interface Terminal {
  /** The next line that is typed; a secret one isn't shown. */
  read(prompt: string, isSecret: boolean): Promise<string>;
  close(): void;
}

function openTerminal(): Terminal {
  let isShown = true;
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      if (isShown) process.stdout.write(chunk);
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  // An iterator keeps what is typed, or pasted, ahead.
  const lines = terminal[Symbol.asyncIterator]();
  return {
    read: async (prompt, isSecret) => {
      terminal.setPrompt(prompt);
      terminal.prompt();
      isShown = !isSecret;
      const line = await lines.next();
      isShown = true;
      if (isSecret) process.stdout.write('\n');
      if (line.done) throw new Error('expected an answer; the terminal was closed');
      return line.value.trim();
    },
    close: () => terminal.close(),
  };
}

/** Asks until an answer is accepted. */
async function ask(question: Question, terminal: Terminal): Promise<string> {
  const { variable, text, empty } = question;
  const prompt = `${text}${empty === undefined ? '' : ` [${empty}]`}: `;
  for (;;) {
    const answer = (await terminal.read(prompt, variable.secret === true)) || (empty ?? '');
    if (isAccepted(question, answer)) return answer;
    process.stdout.write(`Expected ${variable.accepts}.\n`);
  }
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
    const open = openQuestions(file);
    if (open.length === 0) return { text: `${env} has them all: npm run check`, exitStatus: 0 };
    if (!process.stdin.isTTY)
      throw new Error('expected a terminal to ask on; else copy .env.example to .env and fill it in');
    const terminal = openTerminal();
    const answers: [Question, string][] = [];
    for (const question of open) answers.push([question, await ask(question, terminal)]);
    terminal.close();
    // The file holds a key: only this user may read it.
    if (!existsSync(file)) writeFileSync(file, readFileSync(resolve(__dirname, '../.env.example')), { mode: 0o600 });
    for (const [{ variable, toValue = (text: string) => text }, answer] of answers) {
      writeSetting(file, variable.name, toValue(answer));
    }
    return { text: `Wrote ${answers.length} settings to ${env}. Next: npm run call, npm run check`, exitStatus: 0 };
  },
});
