/** Items of a list of Twilio's in order of time; within one of its whole seconds, in the list's order, read forwards in time. */
export function inOrder<T>(items: readonly T[], timeOf: (item: T) => Date): readonly T[] {
  const msOf = (item: T | undefined): number => (item === undefined ? 0 : timeOf(item).getTime());
  // Some of Twilio's lists begin with the newest item.
  const forwards = msOf(items[0]) > msOf(items.at(-1)) ? items.toReversed() : items;
  return forwards.toSorted((a, b) => msOf(a) - msOf(b));
}
