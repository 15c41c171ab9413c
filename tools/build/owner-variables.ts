import type { Environment } from '../environment';

/** Variables of this machine without which the owner's code may reach nothing from here. */
const ofMachine = /^(PATH|HOME|NODE_.+|(https?|all|no)_proxy)$/i;

/** Runs the owner's code with the variables that it has in the cloud, and without the others of this shell. */
export async function withVariables<T>(variables: Environment, work: () => Promise<T>): Promise<T> {
  const shell = process.env;
  const kept = Object.entries(shell).filter(([name]) => ofMachine.test(name));
  process.env = { ...Object.fromEntries(kept), ...variables };
  try {
    return await work();
  } finally {
    process.env = shell;
  }
}
