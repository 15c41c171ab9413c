import { isUtf8 } from 'node:buffer';
import { closest, distance } from 'fastest-levenshtein';
import { settingNames } from '../environment';
import { type Finding, failed, warning } from './report';

/** What of an env file is lost when it is read: nobody says so but this. `file` is its name, for the findings. */
export function checkEnvFile(content: Buffer, file: string): readonly Finding[] {
  if (content.includes(0)) return [failed(file, 'has NUL bytes: it may be in UTF-16', 'save it in UTF-8')];
  if (!isUtf8(content)) return [failed(file, 'is not in UTF-8: some letters would be damaged', 'save it in UTF-8')];
  // A byte order mark would become part of the first name.
  const hasMark = content.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
  const lines = content
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  const read = lines.map((line, index) => readLine(line, index + 1));
  return [
    ...(hasMark ? [failed(`${file}:1`, 'begins with a byte order mark', 'save it in UTF-8 without one')] : []),
    ...read.flatMap((line) => (line.kind === 'lost' ? [lostLine(line, file)] : [])),
    ...duplicates(read, file),
    ...read.flatMap((line) => (line.kind === 'value' && /\s#/.test(line.value) ? [commentInValue(line, file)] : [])),
  ];
}

type Line =
  | { readonly kind: 'value'; readonly line: number; readonly name: string; readonly value: string }
  /** Neither empty, nor a comment, nor `NAME=value`; with the setting that it seems to name, or an empty text. */
  | { readonly kind: 'lost'; readonly line: number; readonly name: string }
  | { readonly kind: 'nothing' };

function readLine(text: string, line: number): Line {
  if (/^\s*(#.*)?$/.test(text)) return { kind: 'nothing' };
  // As dotenv reads a line.
  const [, name, value = ''] = /^\s*([\w.-]+)\s*=\s*(.*)?\s*$/.exec(text) ?? [];
  if (name !== undefined) return { kind: 'value', line, name, value };
  return { kind: 'lost', line, name: settingIn(text) };
}

function lostLine({ line, name }: { readonly line: number; readonly name: string }, file: string): Finding {
  return failed(
    `${file}:${line}`,
    'is neither empty, nor a comment, nor NAME=value: it has no effect',
    name === '' ? 'write NAME=value, or # before a comment' : `write ${name}=value, if that is meant`,
  );
}

/** The setting that a line names, with at most three letters wrong: `export CALLER_ID=…`, `CALLER ID: …`. */
function settingIn(text: string): string {
  const before = text.replace(/=.*$/, '').toUpperCase();
  const candidates = [...(before.match(/\w+/g) ?? []), before.replace(/:.*$/, '').trim().replace(/\W+/g, '_')];
  const near = candidates.map((word) => ({ word, nearest: closest(word, settingNames) }));
  return near.find(({ word, nearest }) => distance(word, nearest) <= 3)?.nearest ?? '';
}

function duplicates(lines: readonly Line[], file: string): readonly Finding[] {
  const places = new Map<string, number[]>();
  for (const line of lines) {
    if (line.kind === 'value') places.set(line.name, [...(places.get(line.name) ?? []), line.line]);
  }
  return [...places]
    .filter(([, numbers]) => numbers.length > 1)
    .map(([name, numbers]) =>
      failed(
        `${file}:${numbers.at(-1)}`,
        `${name} is set on the lines ${numbers.join(', ')}`,
        'keep one: the last one counts',
      ),
    );
}

function commentInValue({ line, name }: { readonly line: number; readonly name: string }, file: string): Finding {
  return warning(`${file}:${line}`, `${name} has a # after a blank`, 'a comment after a value becomes part of it');
}
