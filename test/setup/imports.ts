import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The files of this project that a TypeScript file imports, types included. */
export function importsOf(file: string): readonly string[] {
  const specifiers = readFileSync(file, 'utf8').matchAll(/(?:from|import\(|requireActual\(|doMock\() ?'(\.[^']+)'/g);
  return [...specifiers]
    .map(([, specifier = '']) => `${resolve(file, '..', specifier)}.ts`)
    .filter((imported) => existsSync(imported));
}

/** A file and all that it imports, and that these import, and so on. */
export function reachableFrom(file: string, reached = new Set<string>()): ReadonlySet<string> {
  if (reached.has(file)) return reached;
  reached.add(file);
  for (const imported of importsOf(file)) reachableFrom(imported, reached);
  return reached;
}
