import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const { variables }: typeof import('../src/assets/variables.private') = require(
  Runtime.getAssets()['/variables.js'].path,
);

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
