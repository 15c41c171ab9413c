import type { EventName } from '../src/assets/outcome.private';

/** The path of each function. */
export const functionPaths: Readonly<Record<EventName, string>> = {
  inbound: '/inbound',
  'dial-result': '/dial-result',
  transfer: '/transfer',
  confirm: '/confirm',
  voicemail: '/voicemail',
};

/** The path of the TwiML for when no function answers. */
export const fallbackPath = '/fallback.xml';
