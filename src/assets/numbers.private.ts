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
 *     fallback: {
 *       number: '+15550100198',
 *       voicemail: true,
 *       message: 'Our assistant is not available. Please leave a message after the tone.',
 *       closing: 'Thank you. Goodbye.',
 *       language: 'en-GB',
 *       voice: 'Polly.Amy-Neural',
 *     },
 *     transferNumbers: ['+15550100197'],
 *     directDial: false,
 *     minAgentSeconds: 3,
 *   },
 */
export const numbers: NumberTable = {};
