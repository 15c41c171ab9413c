import { readdirSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import { importsOf, reachableFrom } from './setup/imports';

const root = resolve(__dirname, '..');

/** The rooms from left to right: each imports only from itself, and to its left. */
const rooms = ['src', 'tools', 'lab'] as const;
const modulesOf = (room: string): readonly string[] =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, room, file));
const modules = rooms.flatMap(modulesOf);

describe('The modules of src, tools and lab', () => {
  test('form no circle, types included', () => {
    const circles = modules.filter((module) => importsOf(module).some((used) => reachableFrom(used).has(module)));

    expect(modules.length).toBeGreaterThan(80);
    expect(reachableFrom(join(root, 'lab/call.ts')).size).toBeGreaterThan(40);
    expect(circles).toEqual([]);
  });

  test.each(rooms)('import only to their left: %s', (room) => {
    const allowed = rooms.slice(0, rooms.indexOf(room) + 1).map((one) => join(root, one) + sep);
    const imports = modulesOf(room).flatMap((module) => importsOf(module).map((used) => ({ module, used })));

    expect(imports.filter(({ used }) => !allowed.some((one) => used.startsWith(one)))).toEqual([]);
  });

  test('share no base name with more than one other module', () => {
    const names = modules.map((module) => basename(module).replace(/\..*/, ''));
    const often = [...new Set(names)].filter((name) => names.filter((one) => one === name).length > 2);

    expect(often).toEqual([]);
  });
});
