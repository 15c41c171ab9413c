import type { NumberTable } from '../src/assets/settings.private';

/** The number table of the scenarios that are about one. */
export const numbers: NumberTable = {
  // Always closed.
  '+15550100105': { route: ['agent'], hours: { timeZone: 'UTC', open: {} }, closedRoute: ['voicemail'] },
  // A consent, and a hold until an agent is free.
  '+15550100107': { route: [{ say: 'This call is recorded.' }, '+15550100190'] },
  '+15550100108': { route: ['agent', { say: 'Please hold.', waitSeconds: 5 }, 'agent', 'voicemail'] },
  '+15550100106': { route: [{ number: '+15550100190', confirm: true }, 'agent'] },
};
