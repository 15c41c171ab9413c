import type { LogLine } from '../../src/assets/log.private';
import { parseLine } from './explanation';

/** Who takes part in a call, from left to right in its ladder diagram. */
export const lanes = ['caller', 'Twilio', 'function', 'Synthflow API', 'Synthflow SIP', 'person'] as const;

/** See {@link lanes}. */
export type Lane = (typeof lanes)[number];

/** One thing that happened in a call. */
export interface Step {
  /** Milliseconds of the call since it was placed. */
  readonly at: number;
  readonly from: Lane;
  readonly to: Lane;
  /** What the message says, in a few words. */
  readonly title: string;
  /** Whether something went wrong here. */
  readonly failed: boolean;
  /** The whole message, for whoever wants to look inside; secrets are masked. */
  readonly content: string;
  /** The same to the byte, where `content` is laid out for people. */
  readonly raw?: string;
}

/** Something that the caller hears. */
export interface Sound {
  /** Milliseconds of the call since it was placed. */
  readonly at: number;
  /** When it ended, in the same milliseconds; `undefined` as long as it goes on. */
  until?: number;
  readonly what: string;
}

/** What Twilio's debugger would show. */
export interface Warning {
  readonly at: number;
  /** Twilio's error number, such as 32110. */
  readonly code: number;
  readonly text: string;
}

/** All that one call left behind. */
export interface Story {
  readonly steps: readonly Step[];
  /** What the caller heard, in order. */
  readonly heard: readonly Sound[];
  readonly warnings: readonly Warning[];
  /** The log lines that the functions wrote. */
  readonly log: readonly string[];
  /** All else that functions and emulator printed. */
  readonly printed: readonly string[];
}

/** A story in which nothing has happened yet. */
export function emptyStory(): { [K in keyof Story]: Story[K][number][] } {
  return { steps: [], heard: [], warnings: [], log: [], printed: [] };
}

/** The time of one call. */
export interface CallTime {
  /** Milliseconds since the call was placed. */
  now(): number;
  /** Lets time pass as on the wall while this work goes on. */
  inRealTime<T>(work: Promise<T>): Promise<T>;
}

type AddStep = (from: Lane, to: Lane, title: string, content?: string, raw?: string) => void;

/** Collects a story while the call runs. */
export interface Recorder {
  readonly time: CallTime;
  readonly step: AddStep;
  /** A step in which something went wrong. */
  readonly fail: AddStep;
  /** A sound starts, and ends the one before it. */
  hear(what: string): void;
  /** The sound that goes on ends. */
  hush(): void;
  warn(code: number, text: string): void;
  /** Keeps a log line of a function. */
  log(line: string): void;
  /** Keeps anything else that a function or the emulator printed. */
  print(line: string): void;
  story(): Story;
}

/** A recorder that masks these texts wherever they occur, and calls `changed` after each addition. */
export function createRecorder(
  secrets: readonly string[],
  time: CallTime,
  changed: () => void = () => undefined,
): Recorder {
  const story = emptyStory();
  const masked = (text: string): string => secrets.reduce((known, secret) => known.replaceAll(secret, '•••'), text);
  const add = <T>(list: T[], item: T): void => {
    list.push(item);
    changed();
  };
  const hush = (): void => {
    const last = story.heard.at(-1);
    if (last !== undefined) last.until ??= time.now();
  };
  const addStep =
    (failed: boolean): AddStep =>
    (from, to, title, content = '', raw) => {
      const whole = raw === undefined ? {} : { raw: masked(raw) };
      add(story.steps, { at: time.now(), from, to, title: masked(title), failed, content: masked(content), ...whole });
    };
  return {
    time,
    step: addStep(false),
    fail: addStep(true),
    hear: (what: string): void => {
      hush();
      add(story.heard, { at: time.now(), what });
    },
    hush,
    warn: (code: number, text: string): void => add(story.warnings, { at: time.now(), code, text: masked(text) }),
    log: (line: string): void => {
      drawSilence(story.steps, line);
      add(story.log, masked(line));
    },
    print: (line: string): void => add(story.printed, masked(line)),
    story: (): Story => story,
  };
}

/**
 * Adds to the steps what nobody sees on the wire, an API that gave no answer, as the function's own line says it. The
 * line may come before the function's answer or after it.
 */
function drawSilence(steps: Step[], text: string): void {
  const line = parseLine(text);
  const title = silenceOf(line, steps);
  if (title === undefined) return;
  const { prepareMs = 0 } = line ?? {};
  const asked = steps.findLastIndex(({ from, to }) => from === 'Twilio' && to === 'function');
  const answered = steps.findLastIndex(({ from, to }) => from === 'function' && to === 'Twilio');
  const place = answered > asked ? answered : steps.length;
  const known = (steps[asked]?.at ?? 0) + prepareMs;
  const at = Math.max(steps[place - 1]?.at ?? 0, Math.min(known, steps[place]?.at ?? known));
  steps.splice(place, 0, { at, from: 'Synthflow API', to: 'function', title, failed: true, content: '' });
}

function silenceOf(line: LogLine | undefined, steps: readonly Step[]): string | undefined {
  if (line?.prepareMs === undefined || line.reason === undefined) return undefined;
  const since = steps.slice(steps.findLastIndex(({ from, to }) => from === 'Twilio' && to === 'function'));
  const asked = since.filter(({ to }) => to === 'Synthflow API').length;
  const isAnswered = asked > 0 && since.filter(({ from }) => from === 'Synthflow API').length === asked;
  if (isAnswered) return undefined;
  if (line.reason === 'timeout') return `no answer in ${Math.round(line.prepareMs / 100) / 10} s`;
  if (line.reason === 'unreachable') return asked === 0 ? 'connection refused' : 'connection lost';
  return line.reason === 'malformed' ? 'no usable answer' : undefined;
}
