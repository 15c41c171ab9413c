import type { NumberTable } from './settings.private';

/** Your number table: an entry for each Twilio number with settings of its own (docs/settings.md). */
export const numbers: NumberTable = {};
