import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const read = (file: string): string => readFileSync(resolve(__dirname, '..', file), 'utf8');
const { dependencies, engines } = JSON.parse(read('package.json'));

describe('package.json', () => {
  test('has exact versions of what is deployed, because the cloud installs without the lock file', () => {
    for (const version of Object.values<string>(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    // 2.0.1 is the newest that both npm and the cloud's list have.
    expect(dependencies['@twilio/runtime-handler']).toBe('2.0.1');
  });

  test('names the versions of Node.js that CI runs', () => {
    const versions = [...read('.ci/run').matchAll(/node@(\d+)/g)].map(([, version]) => Number(version));

    expect([...new Set(versions)].sort()).toEqual([20, 22, 24, 26]);
    expect(engines.node).toBe('^20.18.0 || ^22.13.0 || ^24.0.0 || ^26.0.0');
  });
});

describe('package-lock.json', () => {
  test('has the integrity of every package, of other systems too, and no address of a registry', () => {
    const packages: Record<string, { integrity?: string; resolved?: string }> = JSON.parse(
      read('package-lock.json'),
    ).packages;
    const installed = Object.entries(packages).filter(([path]) => path !== '');

    expect(installed.length).toBeGreaterThan(500);
    expect(installed.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
    expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});
