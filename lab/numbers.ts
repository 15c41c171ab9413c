import type { NumberTable } from '../src/assets/settings.private';

/** The number table of the scenarios that are about one. */
export const numbers: NumberTable = {
  // Always closed.
  '+15550100105': { route: ['agent'], hours: { timeZone: 'UTC', open: {} }, closedRoute: ['voicemail'] },
  '+15550100106': { route: [{ number: '+15550100190', confirm: true }, 'agent'] },
};
