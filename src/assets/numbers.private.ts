import type { NumberTable } from './settings.private';

/**
 * The number table: edit it. One entry for each Twilio number that differs from the environment's settings;
 * a number that is not listed here, and each field that an entry leaves out, uses the environment.
 *
 * An entry with every field:
 *
 *   '+15550100100': {
 *     modelId: 'the agent for this number',
 *     dialNumber: '+15550100199',
 *     customVariables: (call) => ({ caller_city: call.parameters.FromCity ?? 'unknown' }),
 *     dial: { record: 'record-from-answer-dual', timeLimit: 3600, ringTone: 'us' },
 *     fallback: { message: 'Our assistant is not available. Please call again tomorrow.' },
 *   },
 */
export const numbers: NumberTable = {};
