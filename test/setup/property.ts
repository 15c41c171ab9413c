import fc from 'fast-check';

/**
 * How often each property runs, and the seed of all of them: the variables `PROPERTY_RUNS` and `PROPERTY_SEED`, which
 * the global setup gives. Mutants run without it; they need fewer inputs, and always the same.
 */
const { PROPERTY_RUNS = '200', PROPERTY_SEED = '1' } = process.env;
// fast-check treats NaN as zero runs, so every property would pass.
if (!/^[1-9]\d*$/.test(PROPERTY_RUNS))
  throw new Error(`PROPERTY_RUNS: expected a number from 1; found "${PROPERTY_RUNS}"`);
const propertyRuns = { numRuns: Number(PROPERTY_RUNS), seed: Number(PROPERTY_SEED) };

/** Asserts that a property holds; its failure shows the smallest input that breaks it. */
export async function holds<T>(
  arbitrary: fc.Arbitrary<T>,
  property: (input: T) => void | Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitrary, async (input) => property(input)),
    propertyRuns,
  );
}
