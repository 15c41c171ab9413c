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
  readonly heard: readonly { readonly at: number; readonly what: string }[];
  readonly warnings: readonly Warning[];
  /** The log lines that the functions wrote. */
  readonly log: readonly string[];
}

/** Collects a story while the call runs; `changed` is told after each addition. */
export interface Teller {
  step(from: Lane, to: Lane, title: string, content?: string): void;
  hear(what: string): void;
  warn(code: number, text: string): void;
  log(line: string): void;
  story(): Story;
}

/** A teller that masks these texts wherever they occur. */
export function createTeller(secrets: readonly string[], changed: () => void = () => undefined): Teller {
  const start = performance.now();
  const at = (): number => Math.round(performance.now() - start);
  const story = {
    steps: [] as Step[],
    heard: [] as { at: number; what: string }[],
    warnings: [] as Warning[],
    log: [] as string[],
  };
  const masked = (text: string): string => secrets.reduce((known, secret) => known.replaceAll(secret, '•••'), text);
  const add = <T>(list: T[], item: T): void => {
    list.push(item);
    changed();
  };
  return {
    step: (from, to, title, content = '') => add(story.steps, { at: at(), from, to, title, content: masked(content) }),
    hear: (what) => add(story.heard, { at: at(), what }),
    warn: (code, text) => add(story.warnings, { at: at(), code, text: masked(text) }),
    log: (line) => add(story.log, masked(line)),
    story: () => story,
  };
}
