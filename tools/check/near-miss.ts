import { closest, distance } from 'fastest-levenshtein';
import { variables } from '../../src/assets/environment.private';
import { readSettings } from '../../src/assets/settings.private';
import { e164, parseAddress } from '../../src/assets/twilio/address.private';
import { type Environment, unquoted } from '../environment';

/** Settings that are lists of numbers, or one number, with the words that they take as well. */
const numberSettings: Readonly<Record<string, readonly string[]>> = {
  [variables.callRoute.name]: ['agent', 'voicemail'],
  [variables.transferNumbers.name]: [],
  [variables.refusedCallers.name]: ['anonymous'],
  [variables.callerId.name]: [],
};

/** What was most likely meant by a value that isn't accepted; `undefined` where no other spelling of it is. */
export function nearMiss(name: string, environment: Environment): string | undefined {
  const value = environment[name] ?? '';
  const secret = Object.values(variables).some((one) => one.name === name && 'secret' in one);
  if (value === '' || secret) return undefined;
  const words = numberSettings[name];
  const candidates = [
    unquoted(value),
    value.trim().toLowerCase(),
    // `en_GB`, `EN-gb`.
    canonicalLanguage(value.replace('_', '-')),
    withoutUnit(name, value),
    ...(words === undefined ? [] : [correctParts(unquoted(value), words)]),
  ];
  const meant = candidates.find((candidate) => candidate !== value && isAccepted(name, candidate, environment));
  return meant === undefined ? undefined : `did you mean ${name}=${meant}?`;
}

function isAccepted(name: string, value: string, environment: Environment): boolean {
  const { problems } = readSettings({ ...environment, [name]: value }, {}, parseAddress(''));
  return value !== '' && problems.every(({ setting }) => setting !== name);
}

/** A number without its own unit: `20s`, `20 seconds`, `4000 ms`. */
function withoutUnit(name: string, value: string): string {
  if (name.endsWith('_SECONDS')) return value.replace(/\s*(s|sec|seconds)$/i, '');
  return name.endsWith('_MS') ? value.replace(/\s*(ms|milliseconds)$/i, '') : value;
}

function canonicalLanguage(value: string): string {
  try {
    return Intl.getCanonicalLocales(value)[0] ?? '';
  } catch {
    // No language at all.
    return '';
  }
}

/** The parts of a list as they are written: `+49 30 123456` is a number, and `voicemial` a word. */
function correctParts(list: string, words: readonly string[]): string {
  return list
    .split(/[,;]/)
    .map((part) => correctPart(part.trim(), words))
    .join(',');
}

function correctPart(part: string, words: readonly string[]): string {
  const digits = part.replace(/[\s()./-]/g, '').replace(/^00(?=[1-9])/, '+');
  // Fewer digits are most likely a number in national form.
  const number = /^[1-9]\d{10,14}$/.test(digits) ? `+${digits}` : digits;
  if (e164.test(number)) return number;
  const lower = part.toLowerCase();
  return words.find((word) => word === closest(lower, [...words]) && distance(lower, word) <= 2) ?? part;
}
