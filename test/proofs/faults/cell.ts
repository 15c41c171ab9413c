import type { PlacedCall } from '../../../lab/lab';
import { labNumbers } from '../../../lab/scenarios';
import type { Sound, Story } from '../../../lab/story';
import { expectedSounds, type Fault, type RouteConfiguration } from './matrix';

/** Seconds that a caller may wait without hearing anything. */
export const longestWait = 10;

/** What one caller met. */
export interface Cell {
  /** One word a sound, in order. */
  readonly sounds: readonly string[];
  /** Seconds of real time in which the caller heard nothing, all of them together; ringing is a sound. */
  readonly waited: number;
  /** What is wrong, one sentence each; empty when there is none. */
  readonly problems: readonly string[];
}

/** Judges a call by what the README promises of its fault. */
export function judgeCell(fault: Fault, route: RouteConfiguration, call: PlacedCall): Cell {
  const sounds = call.heard.map(wordOf);
  const waited = silence(call) / 1000;
  const expected = expectedSounds(fault, route);
  const problems = [
    ...(sounds.join() === expected.join() ? [] : [`expected ${list(expected)}; heard ${list(sounds)}`]),
    ...(sounds.some((sound) => /^(rings|agent|agent again|person|message|tone|closing)$/.test(sound))
      ? []
      : ['silence']),
    ...(sounds.some((sound) => sound.startsWith('error voice')) ? ['the error voice'] : []),
    ...(waited <= longestWait ? [] : [`waited ${waited.toFixed(1)} s`]),
    ...warningsOf(fault, call),
    ...leaksOf(call),
  ];
  return { sounds, waited, problems };
}

/** Sounds as the table writes them. */
export const list = (sounds: readonly string[]): string => sounds.join(', ') || 'nothing';

const words = new Map([
  ['ringing', 'rings'],
  ['the agent', 'agent'],
  ['the agent again', 'agent again'],
  ['a person', 'person'],
  ['a tone', 'tone'],
  ['"Thank you. Goodbye."', 'closing'],
  ['"We are sorry, our assistant cannot take your call at the moment."', 'message'],
  [
    '"We are sorry, our assistant cannot take your call at the moment. Please leave a message after the tone."',
    'message',
  ],
]);

const wordOf = ({ what }: Sound): string => words.get(what) ?? what;

/** Milliseconds in which the caller heard nothing, from dialling to the end of the call. */
function silence({ heard, steps }: Story): number {
  // A voicemail is posted after the call.
  const end = steps.findLast(({ from, to }) => from === 'caller' || to === 'caller')?.at ?? 0;
  const starts = [...heard.map(({ at }) => at), end];
  const ends = [0, ...heard.map(({ until }) => until ?? end)];
  return starts.reduce((sum, start, index) => sum + Math.max(0, start - (ends[index] ?? start)), 0);
}

function warningsOf({ scenario }: Fault, { warnings, log }: Story): readonly string[] {
  // A function that crashes, and the Dial that nobody answers.
  const expected = [
    ...(scenario.crashes === undefined ? [] : [11200]),
    ...(log.some((line) => line.includes('"transfer_refused"')) ? [13254] : []),
  ];
  const own = warnings.filter(({ code }) => !expected.includes(code));
  return own.map(({ code, text }) => `Twilio warns: ${code} ${text}`);
}

/** Response fields that aren't free text: ids and enum values. */
const plain = ['synthflow_call_id', 'request_id', 'call_status', 'model_id', 'direction', 'status', 'category'];

/**
 * What must not be where it is. The lab masks API key and auth token in all that it tells, so a mask shows that one
 * of them was there; log lines, and all else that is printed, must hold no full number; neither they nor TwiML may
 * hold texts of the platforms.
 */
function leaksOf({ steps, log, printed }: Story): readonly string[] {
  const lines = [...log, ...printed].join('\n');
  const answers = steps.filter(({ from }) => from === 'function');
  const twiml = answers.filter(({ to }) => to === 'Twilio').map(({ content, raw = content }) => raw);
  const bodies = steps.filter(({ from }) => from === 'Synthflow API').map(({ content }) => content);
  const texts = bodies.flatMap(textsOf).filter((text) => text.length > 4 && !/^\+?\d+$/.test(text));
  return [
    ...(JSON.stringify([steps, lines]).includes('•••') ? ['a key or a token was told'] : []),
    ...Object.values(labNumbers)
      .filter((number) => lines.includes(number.slice(1)))
      .map((number) => `a printed line holds ${number}`),
    ...texts.filter((text) => lines.includes(text)).map((text) => `a printed line holds Synthflow's "${text}"`),
    ...texts.filter((text) => twiml.join().includes(text)).map((text) => `TwiML holds Synthflow's "${text}"`),
  ];
}

/** Every text in an answer of Synthflow that somebody may have written. */
function textsOf(body: string): readonly string[] {
  const texts: string[] = [];
  try {
    JSON.parse(body, (key, value: unknown) => {
      if (typeof value === 'string' && !plain.includes(key)) texts.push(value);
      return value;
    });
  } catch {
    texts.push(body.slice(0, 40));
  }
  return texts;
}
