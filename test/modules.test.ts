import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { importsOf, reachableFrom } from './setup/imports';

const src = resolve(__dirname, '../src');
const modules = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(src, file));

test('A module of src uses only modules that do not use it, types included', () => {
  const circles = modules.filter((module) => importsOf(module).some((used) => reachableFrom(used).has(module)));

  expect(modules.length).toBeGreaterThan(15);
  expect(reachableFrom(join(src, 'functions/inbound.protected.ts')).size).toBeGreaterThan(15);
  expect(circles).toEqual([]);
});
