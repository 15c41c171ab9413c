import { e164 } from './address.private';

/** The call in a request from Twilio's voice webhooks; only string parameters are kept. */
export interface Call {
  /** Twilio's id of the caller's leg; `undefined` when it is missing or doesn't look like a CallSid. */
  readonly callSid: string | undefined;
  /** Who calls, as Twilio sent it: E.164, `anonymous`, `client:…`, `sip:…`, or empty. */
  readonly from: string;
  /** The called number as Twilio sent it; empty when it is missing. It alone chooses the tenant. */
  readonly to: string;
  /** The number that diverted the call here, when there is one. */
  readonly forwardedFrom: string | undefined;
  /** Every string parameter of the request, for the number table's custom variables. */
  readonly parameters: Parameters;
}

/** The string parameters of a request, by name. */
export type Parameters = Readonly<Record<string, string>>;

/** Reads the call from a webhook's event. Never throws, whatever is missing, repeated or hostile in it. */
export function parseCall(event: object): Call {
  const strings = Object.entries(event).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const parameters = Object.fromEntries(strings);
  return {
    callSid: /^CA[0-9A-Za-z]{1,62}$/.exec(parameters.CallSid ?? '')?.[0],
    from: parameters.From ?? '',
    to: parameters.To ?? '',
    forwardedFrom: /^\+?[0-9]{3,20}$/.exec(parameters.ForwardedFrom ?? '')?.[0],
    parameters,
  };
}

/** What Twilio puts into `From` for callers who hide their number: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE on a keypad. */
const placeholders = ['+266696687', '+7378742833', '+2562533', '+8656696', '+86282452253'];

/**
 * The caller id for dialling a person: the caller's number, or the called one where Twilio would refuse the caller's
 * (error 13214). `undefined` leaves the choice to Twilio.
 */
export function callerIdOf({ from, to }: Call): string | undefined {
  return [from, to].find((number) => e164.test(number) && !placeholders.includes(number));
}
