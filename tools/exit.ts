/** Calls back when this process exits, the last one first. */
export function onExit(act: () => void): void {
  // Each is expected: without this, Node.js would warn of a leak at the eleventh.
  process.setMaxListeners(process.getMaxListeners() + 1);
  process.prependOnceListener('exit', act);
}
