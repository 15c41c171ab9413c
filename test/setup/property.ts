import fc from 'fast-check';

/** How often each property runs, and the seed of all of them: the variables `PROPERTY_RUNS` and `PROPERTY_SEED`, which the global setup gives. */
export const propertyRuns = { numRuns: Number(process.env.PROPERTY_RUNS), seed: Number(process.env.PROPERTY_SEED) };

/** Asserts that a property holds for so many inputs; its failure shows the smallest input that breaks it. */
export async function holds<T>(
  arbitrary: fc.Arbitrary<T>,
  property: (input: T) => void | Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitrary, async (input) => property(input)),
    propertyRuns,
  );
}
