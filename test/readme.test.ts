import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { variables } from '../src/assets/environment.private';
import { ladderReasons, outcomes } from '../src/assets/ladder.private';
import { alertingOutcomes } from '../src/assets/log.private';
import { readSettings } from '../src/assets/settings.private';
import { prepareFailures } from '../src/assets/synthflow/response.private';
import { numbers } from './fixtures/readme-numbers';

const read = (file: string): string => readFileSync(resolve(__dirname, '..', file), 'utf8');
const names = Object.values(variables)
  .map(({ name }) => name)
  .filter((name) => /^[A-Z_]+$/.test(name));

describe('The settings', () => {
  test("are those of the README's table", () => {
    const section = read('README.md').split('## Settings')[1]?.split('\n## ')[0] ?? '';
    const documented = [...section.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name);

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

    expect(read('test/fixtures/readme-numbers.ts').split('\n\n')[1]).toBe(example);
  });

  test('of the README has settings that are accepted', () => {
    const { problems } = readSettings({ SYNTHFLOW_API_KEY: 'key' }, numbers, '+15550100100');

    expect(problems).toEqual([]);
  });
});

describe('The log line', () => {
  const rows = read('docs/log.md')
    .split('\n')
    .filter((row) => row.startsWith('| `'));
  const codes = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, code]) => code));

  test('has exactly the outcomes and reasons of the tables in docs/log.md', () => {
    expect(codes.sort()).toEqual([...outcomes, ...prepareFailures, ...ladderReasons].sort());
  });

  test('raises an alert for exactly the outcomes that docs/log.md marks', () => {
    const marked = rows.filter((row) => row.split('|')[3]?.trim() === 'yes').map((row) => /`([a-z_]+)`/.exec(row)?.[1]);

    expect(marked.sort()).toEqual([...alertingOutcomes].sort());
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
