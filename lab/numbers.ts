import { setTimeout } from 'node:timers/promises';
import type { NumberTable } from '../src/assets/settings.private';

/** A customer database that has an answer after this many milliseconds, unless nobody waits for it any more. */
const customers = (ms: number, signal: AbortSignal): Promise<string> => setTimeout(ms, 'gold', { signal });

/** The number table of the scenarios that are about one: the lab puts it in place of yours. */
export const numbers: NumberTable = {
  '+15550100102': { customVariables: async (_call, { signal }) => ({ plan: await customers(50, signal) }) },
  '+15550100103': {
    variables: { plan: 'unknown' },
    customVariables: async (_call, { signal }) => ({ plan: await customers(60_000, signal) }),
  },
  '+15550100104': {
    variables: { plan: 'unknown' },
    customVariables: () => {
      throw new TypeError('the customer database is gone');
    },
  },
  // Always closed.
  '+15550100105': { route: ['agent'], hours: { timeZone: 'UTC', open: {} }, closedRoute: ['voicemail'] },
  '+15550100106': { route: [{ number: '+15550100190', confirm: true }, 'agent'] },
  '+15550100107': { route: ['+15550100190', 'agent', 'voicemail'] },
  '+15550100108': { route: ['agent', 'agent', '+15550100190'] },
  '+15550100109': { route: ['agent', '+15550100190', 'voicemail'] },
  '+15550100110': { route: ['voicemail'] },
};
