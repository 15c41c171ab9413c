/** A random order, so that none profits from who comes before it. */
export const shuffled = <T>(all: readonly T[]): readonly T[] =>
  all
    .map((one) => ({ one, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one);
