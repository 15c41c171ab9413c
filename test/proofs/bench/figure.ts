/** One result of the benchmark: a ratio, or a count of round trips, never a time. */
export interface Figure {
  readonly title: string;
  /** The median over the rounds. */
  readonly value: number;
  /** The 10th and the 90th percentile over the rounds. */
  readonly spread: readonly [number, number];
  /** What the value may be at most; `undefined` when it stands only for comparison. */
  readonly goal: number | undefined;
  /** How much worse than recorded the value may be before CI fails, as a share of it: more than it changes from run to run. */
  readonly margin: number;
}

/** The results of one part: figures that are held, and times that say how large the things are on this machine. */
export interface Part {
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly times: readonly { readonly title: string; readonly text: string }[];
}

/** The value below which this share of the samples lies. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** See {@link quantile}. */
export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** A figure from one value a round. */
export const figure = (
  title: string,
  rounds: readonly number[],
  { goal, margin }: { readonly goal?: number; readonly margin: number },
): Figure => ({
  title,
  value: median(rounds),
  spread: [quantile(rounds, 0.1), quantile(rounds, 0.9)],
  goal,
  margin,
});

/** Milliseconds for people. */
export const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
