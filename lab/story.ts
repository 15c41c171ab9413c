/** Who takes part in a call, from left to right in its ladder diagram. */
export const lanes = ['caller', 'Twilio', 'function', 'Synthflow API', 'Synthflow SIP', 'person'] as const;

/** See {@link lanes}. */
export type Lane = (typeof lanes)[number];

/** One thing that happened in a call. */
export interface Step {
  /** Milliseconds since the call was placed. */
  readonly at: number;
  readonly from: Lane;
  readonly to: Lane;
  readonly title: string;
  /** The whole message, for whoever wants to look inside; secrets are masked. */
  readonly content: string;
  /** The same to the byte, where `content` is laid out for people. */
  readonly raw?: string;
}

/** Something that the caller hears. */
export interface Sound {
  /** Milliseconds since the call was placed. */
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

/** Collects a story while the call runs; `changed` is told after each addition. */
export interface Recorder {
  step(from: Lane, to: Lane, title: string, content?: string, raw?: string): void;
  /** A sound starts, and ends the one before it. */
  hear(what: string): void;
  /** The sound that goes on ends. */
  hush(): void;
  warn(code: number, text: string): void;
  log(line: string): void;
  print(line: string): void;
  story(): Story;
}

/** A recorder that masks these texts wherever they occur. */
export function createRecorder(secrets: readonly string[], changed: () => void = () => undefined): Recorder {
  const start = performance.now();
  const at = (): number => Math.round(performance.now() - start);
  const story = {
    steps: [] as Step[],
    heard: [] as Sound[],
    warnings: [] as Warning[],
    log: [] as string[],
    printed: [] as string[],
  };
  const masked = (text: string): string => secrets.reduce((known, secret) => known.replaceAll(secret, '•••'), text);
  const add = <T>(list: T[], item: T): void => {
    list.push(item);
    changed();
  };
  const hush = (): void => {
    const last = story.heard.at(-1);
    if (last !== undefined) last.until ??= at();
  };
  return {
    hush,
    step: (from, to, title, content = '', raw) => {
      const whole = raw === undefined ? {} : { raw: masked(raw) };
      add(story.steps, { at: at(), from, to, title, content: masked(content), ...whole });
    },
    hear: (what) => {
      hush();
      add(story.heard, { at: at(), what });
    },
    warn: (code, text) => add(story.warnings, { at: at(), code, text: masked(text) }),
    log: (line) => add(story.log, masked(line)),
    print: (line) => add(story.printed, masked(line)),
    story: () => story,
  };
}
