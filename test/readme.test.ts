import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { variables } from '../src/assets/environment.private';
import { ladderReasons, outcomes } from '../src/assets/ladder.private';
import { alertingOutcomes } from '../src/assets/log.private';
import { prepareFailures } from '../src/assets/synthflow/response.private';
import { readValue } from './proofs/bench/report';

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

describe('The log line', () => {
  const section = read('README.md').split('## The log line')[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((row) => row.startsWith('| `'));
  const codes = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, code]) => code));

  test("has exactly the outcomes and reasons of the README's tables", () => {
    expect(codes.sort()).toEqual([...outcomes, ...prepareFailures, ...ladderReasons].sort());
  });

  test('raises an alert for exactly the outcomes that the README marks', () => {
    const marked = rows.filter((row) => row.split('|')[3]?.trim() === 'yes').map((row) => /`([a-z_]+)`/.exec(row)?.[1]);

    expect(marked.sort()).toEqual([...alertingOutcomes].sort());
  });
});

describe('The table of proofs', () => {
  const section = read('README.md').split('## Proof')[1]?.split('\n## ')[0] ?? '';

  test.each([
    [
      'Warm',
      "own time, beyond the bare request: the bridge to the plain function's",
      "of the plain function's own time",
    ],
    ['Warm', "p99 of a whole call: the bridge to the plain function's", 'of its p99'],
    ['Cold', 'where the bridge stands, from the empty function (0) to the plain one (1)', 'of the way'],
    ['Distance', 'round trips of a following call: bridge', 'round trips'],
    ['Load', 'heap after the calls to the heap before', 'of the heap before'],
  ])('has the speed that docs/performance.md has: %s', (part, title, words) => {
    const value = readValue(read('docs/performance.md'), part, title);

    expect(value).toBeGreaterThan(0);
    expect(section).toContain(`${value?.toFixed(2)} ${words}`);
  });

  test('has the calls and the longest wait that docs/faults.md has', () => {
    const [, calls, wait] = /\*\*(\d+) calls, the longest wait (\d+\.\d) s\.\*\*/.exec(read('docs/faults.md')) ?? [];

    expect(section).toContain(`${calls} calls, `);
    expect(section).toContain(`longest wait ${wait} s`);
  });
});
