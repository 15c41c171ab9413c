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
  /** The full message; secrets are masked. */
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
    log: (line: string): void => add(story.log, masked(line)),
    print: (line: string): void => add(story.printed, masked(line)),
    story: (): Story => story,
  };
}
