import type { NumberTable } from './settings.private';

/** Your number table: one entry for each Twilio number that differs from the environment's settings (README, "Settings"). */
export const numbers: NumberTable = {};
