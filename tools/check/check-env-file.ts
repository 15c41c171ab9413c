import { isUtf8 } from 'node:buffer';
import { closest, distance } from 'fastest-levenshtein';
import { readEnvFile, readEnvironment, settingNames } from '../environment';
import { type Finding, failed, warning } from '../finding';
import type { Shell } from '../shell';

/** What is lost when the env file of a command is read, or that there are no settings at all. */
export function checkEnvFile(shell: Shell, file: string): readonly Finding[] {
  const content = readEnvFile(shell, file);
  if (content !== undefined) return checkContent(content, file);
  // A pipeline may have its settings in the shell.
  if (Object.keys(readEnvironment(shell, file)).length > 0) return [];
  return [failed(file, 'does not exist', 'cp .env.example .env, and fill it in')];
}

/** What is lost when an env file is read: nothing else says so. `file` is its name, for the findings. */
export function checkContent(content: Buffer, file: string): readonly Finding[] {
  if (content.includes(0)) return [failed(file, 'has NUL bytes: it may be in UTF-16', 'save it in UTF-8')];
  if (!isUtf8(content)) return [failed(file, 'is not in UTF-8: some letters would be damaged', 'save it in UTF-8')];
  const findings: Finding[] = [];
  // A byte order mark would become part of the first name.
  if (content.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) {
    findings.push(failed(`${file}:1`, 'begins with a byte order mark', 'save it in UTF-8 without one'));
  }
  const lines = new TextDecoder().decode(content).split(/\r?\n/);
  const places = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const [, name] = assignment.exec(line) ?? [];
    if (name !== undefined) places.set(name, [...(places.get(name) ?? []), index + 1]);
    findings.push(...checkLine(line, `${file}:${index + 1}`));
  }
  for (const [name, numbers] of places) {
    if (numbers.length === 1) continue;
    const detail = `${name} is set on the lines ${numbers.join(', ')}`;
    findings.push(failed(`${file}:${numbers.at(-1)}`, detail, 'keep one: the last one counts'));
  }
  return findings;
}

/** As dotenv reads a line. */
const assignment = /^\s*([\w.-]+)\s*=\s*(.*)?\s*$/;

function checkLine(line: string, subject: string): readonly Finding[] {
  const [, name, value = ''] = assignment.exec(line) ?? [];
  if (/\s#/.test(value)) {
    return [warning(subject, `${name} has a # after a blank`, 'a comment after a value becomes part of it')];
  }
  if (name !== undefined || /^\s*(#.*)?$/.test(line)) return [];
  const meant = settingIn(line);
  const fix = meant ? `write ${meant}=value, if that is meant` : 'write NAME=value, or # before a comment';
  return [failed(subject, 'is neither empty, nor a comment, nor NAME=value: it has no effect', fix)];
}

/** The setting that a line names with at most three letters wrong, or `''`: `export CALLER_ID=…`, `CALLER ID: …`. */
function settingIn(text: string): string {
  const before = text.replace(/=.*$/, '').toUpperCase();
  const candidates = [...(before.match(/\w+/g) ?? []), before.replace(/:.*$/, '').trim().replace(/\W+/g, '_')];
  const near = candidates.map((word) => ({ word, nearest: closest(word, settingNames) }));
  return near.find(({ word, nearest }) => distance(word, nearest) <= 3)?.nearest ?? '';
}
