import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { variables } from '../src/assets/environment.private';
import { type Outcome, outcomes, stepReasons, writeLine } from '../src/assets/log.private';
import { readSettings } from '../src/assets/settings.private';
import { prepareFailures } from '../src/assets/synthflow/response.private';
import { parseAddress } from '../src/assets/twilio/address.private';
import { numbers } from './fixtures/readme-numbers';

const read = (file: string): string => readFileSync(resolve(__dirname, '..', file), 'utf8');
const names = Object.values(variables)
  .map(({ name }) => name)
  .filter((name) => /^[A-Z_]+$/.test(name));

describe('The settings', () => {
  test("are those of the README's table", () => {
    const section = read('README.md').split('## Settings')[1]?.split('\n## ')[0] ?? '';
    const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
    const documented = cells.flatMap((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name));

    expect(documented.sort()).toEqual(names.sort());
  });

  test('are those of .env.example, where none has a value', () => {
    const offered = [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)];

    expect(offered.map(([, name]) => name).sort()).toEqual([...names, 'ACCOUNT_SID', 'AUTH_TOKEN'].sort());
    expect(offered.filter(([, , value]) => value !== '')).toEqual([]);
  });
});

describe('The number table', () => {
  test("has the README's example, which compiles", () => {
    const [, example] = /```ts\n([\s\S]*?)```/.exec(read('README.md')) ?? [];

    expect(read('test/fixtures/readme-numbers.ts').split('\n\n').at(-1)).toBe(example);
  });

  test('of the README has settings that are accepted', () => {
    const environment = { SYNTHFLOW_API_KEY: 'key', SYNTHFLOW_MODEL_ID: 'agent' };

    for (const to of Object.keys(numbers))
      expect(readSettings(environment, numbers, parseAddress(to)).problems).toEqual([]);
  });
});

describe('The log line', () => {
  const rows = read('docs/log.md')
    .split('\n')
    .filter((row) => row.startsWith('| `'));
  const codes = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, code]) => code));

  test('has exactly the outcomes and reasons of the tables in docs/log.md', () => {
    expect(codes.sort()).toEqual([...outcomes, ...prepareFailures, ...stepReasons].sort());
  });

  /** Whether a line with this outcome, and with or without a missed agent, raises an alert. */
  function raisesAlert(outcome: Outcome, missedAgent: boolean): boolean {
    const error = jest.spyOn(console, 'error').mockImplementation();
    const log = jest.spyOn(console, 'log').mockImplementation();
    writeLine({ event: 'dial-result', outcome, missedAgent });
    const { length } = error.mock.calls;
    error.mockRestore();
    log.mockRestore();
    return length > 0;
  }

  test.each(outcomes)('raises an alert for %s as docs/log.md says', (outcome) => {
    const row = rows.find((one) => one.startsWith(`| \`${outcome}\` |`)) ?? '';
    const alert = row.split('|')[3]?.trim();

    expect(raisesAlert(outcome, false)).toBe(alert === 'yes');
    if (alert !== '') expect(raisesAlert(outcome, true)).toBe(true);
  });
});

describe('The pages', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...pagesBelow('docs')];

  test('of the README fit on a few screens', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(151);
  });

  test.each(pages)('link to files that exist: %s', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) =>
      join(dirname(page), target),
    );

    expect(links.filter((link) => !existsSync(resolve(__dirname, '..', link)))).toEqual([]);
  });

  test.each(pages)('name commands that exist: %s', (page) => {
    const { scripts } = JSON.parse(read('package.json'));
    const commands = [...read(page).matchAll(/npm run (?:--silent )?([a-z][\w:]*)/g)].map(([, name]) => name);

    expect(commands.filter((name) => !(`${name}` in scripts))).toEqual([]);
  });
});

function pagesBelow(folder: string): readonly string[] {
  const names = readdirSync(resolve(__dirname, '..', folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.md')).map((name) => join(folder, name));
}
