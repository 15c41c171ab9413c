import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { scenarios } from '../lab/scenarios';
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
  test('match the tables in docs/settings.md', () => {
    const cells = [...read('docs/settings.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);

    expect(cells.sort()).toEqual(names.sort());
  });

  test('match .env.example, which has no values', () => {
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

  test.each([
    ['src/assets/own/crm.private.ts', 'own/crm.private.ts', '../lookup.private', '../../../src/assets/lookup.private'],
    ['src/assets/numbers.private.ts', 'crm-numbers.ts', './settings.private', '../../src/assets/settings.private'],
    ['test/assets/own/crm.test.ts', 'crm.test.ts', '../../../src/assets/own/crm.private', './own/crm.private'],
  ])('and its lookup are the ones of docs/lookups.md, which compile and are tested: %s', (shown, file, from, to) => {
    const page = read('docs/lookups.md');
    const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(page.slice(page.indexOf(`\`${shown}\`:`))) ?? [];

    const sorted = (text: string): readonly string[] => text.split('\n').sort();
    // As the linter wants them, which depends on where a file is.
    const paths = [...code.matchAll(/from '(\..+)';/g)].map(([, path]) => path);

    const compiled = code
      .replace(`'${from}'`, `'${to}'`)
      .replace("'../../../src/assets/twilio", "'../../src/assets/twilio");

    expect(sorted(compiled)).toEqual(sorted(read(`test/fixtures/${file}`)));
    expect(paths).toEqual(paths.toSorted());
  });

  test('of the README has settings that are accepted', () => {
    const environment = { SYNTHFLOW_API_KEY: 'key', SYNTHFLOW_MODEL_ID: 'agent' };

    for (const to of Object.keys(numbers))
      expect(readSettings(environment, numbers, parseAddress(to)).problems).toEqual([]);
  });
});

describe('The log line', () => {
  const rowsIn = (text: string): readonly string[] => text.split('\n').filter((row) => row.startsWith('| `'));
  const codesIn = (all: readonly string[]): readonly string[] =>
    all.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, code = '']) => code));
  const rows = rowsIn(read('docs/log.md'));
  const reasons = [...prepareFailures, ...stepReasons];

  test('has exactly the outcomes and reasons of the tables in docs/log.md', () => {
    expect(codesIn(rows).toSorted()).toEqual([...outcomes, ...reasons].sort());
  });

  test('has advice for each reason in docs/runbook.md', () => {
    const [, section = ''] = /## By reason\n([\s\S]*?)\n## /.exec(read('docs/runbook.md')) ?? [];

    expect(codesIn(rowsIn(section)).toSorted()).toEqual([...reasons].sort());
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

describe('docs/faults.md', () => {
  test('has what the caller hears in each scenario of the lab', () => {
    const rows = Object.entries(scenarios).map(
      ([name, { title, hears, hearsWithoutRoute = hears }]) =>
        `| \`${name}\` | ${title} | ${hears} | ${hearsWithoutRoute} |`,
    );

    expect(
      read('docs/faults.md')
        .split('\n')
        .filter((row) => row.startsWith('| `')),
    ).toEqual(rows);
  });
});

describe('The pages', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...pagesBelow('docs')];

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
