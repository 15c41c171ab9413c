import type { PrepareFailure } from './synthflow/response.private';

/** The functions, by the name that their log lines have. */
export type EventName = 'inbound' | 'dial-result' | 'transfer' | 'confirm' | 'voicemail';

/** What a request came to: one for each log line, documented in docs/log.md. */
export const outcomes = [
  'agent',
  'agent_direct',
  'person',
  'voicemail',
  'message',
  'transfer_number',
  'transfer_sip',
  'transfer_refused',
  'completed',
  'voicemail_left',
  'caller_hung_up',
  'refused',
  'confirm_asked',
  'confirmed',
  'not_confirmed',
  'voicemail_delivered',
  'voicemail_undelivered',
] as const;

/** One of {@link outcomes}. */
export type Outcome = (typeof outcomes)[number];

/** Why a step of the route failed, besides `prepareFailures`; documented in docs/log.md. */
export const stepReasons = [
  'misconfigured',
  'invalid_request',
  'unencoded_plus',
  'unexpected',
  'busy',
  'no_answer',
  'failed',
  'canceled',
  'not_connected',
  'too_short',
  'not_confirmed',
  'silence',
  'no_recording',
  'no_status',
  'unknown_status',
  'target_malformed',
  'number_not_allowed',
  'number_visited',
  'host_not_allowed',
] as const;

/** Every reason that a log line can have. */
export type Reason = PrepareFailure | (typeof stepReasons)[number];
