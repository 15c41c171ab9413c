import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const src = resolve(__dirname, '../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** The modules that each module of `src` imports, types included. */
const imports = new Map(
  files.map((file) => {
    const specifiers = readFileSync(join(src, file), 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g);
    return [join(src, file), [...specifiers].map(([, specifier = '']) => `${resolve(src, file, '..', specifier)}.ts`)];
  }),
);

test('A module of src uses only modules that do not use it', () => {
  const uses = (module: string, path: readonly string[] = []): readonly string[] | undefined => {
    if (path.includes(module)) return [...path, module];
    return imports
      .get(module)
      ?.map((used) => uses(used, [...path, module]))
      .find((circle) => circle !== undefined);
  };

  expect(imports.size).toBeGreaterThan(15);
  expect([...imports.values()].flat().filter((module) => !imports.has(module))).toEqual([]);
  expect([...imports.keys()].map((module) => uses(module)).find((circle) => circle !== undefined)).toBeUndefined();
});
