import { type Address, dialableNumber, isSameNumber, knownNumber, parseAddress, parseCaller } from './address.private';
import { type OwnUrl, readOwnUrl } from './own-url.private';

/** The call in a request from Twilio's voice webhooks; only string parameters are kept. */
export interface Call {
  /** Twilio's id of the caller's leg; `undefined` when it is missing or doesn't look like a CallSid. */
  readonly callSid: string | undefined;
  /** The same of the leg that dialled this one, where one did. */
  readonly parentCallSid: string | undefined;
  /** Who calls, as Twilio sent it: E.164, `anonymous`, `client:…`, `sip:…`, or empty. */
  readonly from: string;
  /** The called number as Twilio sent it to `/inbound`, and as each of our URLs names it; empty if it is missing. */
  readonly to: string;
  /** `from`, read. */
  readonly caller: Address;
  /** `to`, read. It alone chooses the tenant. */
  readonly called: Address;
  /** The number in E.164 that diverted the call here, when there is one. */
  readonly forwardedFrom: string | undefined;
  /** Numbers where the call has been, as they were sent: the caller's, and the one that diverted the call. */
  readonly visited: readonly string[];
  /** What the requested URL says, where the bridge wrote it; else nothing. */
  readonly own: OwnUrl;
  /** Every string parameter of the request, for the number table's custom variables. */
  readonly parameters: Parameters;
}

const callSid = /^CA[0-9A-Za-z]{1,62}$/;
/** Characters of an address that are read: a SIP URI has at most 255, and Twilio's requests can have a megabyte. */
const maxAddressLength = 512;

/** The string parameters of a request, by name. */
export type Parameters = Readonly<Record<string, string>>;

/**
 * Reads the call from a webhook's event. Never throws, whatever is missing, repeated or hostile in it. `hasOwnUrl`: the
 * bridge wrote the requested URL, which then names the called number, and the caller where Twilio doesn't.
 */
export function parseCall(event: object, hasOwnUrl = false): Call {
  const strings = Object.entries(event).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const parameters = Object.fromEntries(strings);
  const { From = '', To = '', ForwardedFrom = '' } = parameters;
  // Twilio doesn't say whose `To` comes to a referUrl, and sends neither with a recording: our own URL names them, and
  // the signature covers it.
  const own: OwnUrl = hasOwnUrl ? readOwnUrl(parameters) : {};
  const from = (own.caller ?? From).slice(0, maxAddressLength);
  const to = (own.called ?? To).slice(0, maxAddressLength);
  const caller = parseCaller(from);
  const diverting = parseCaller(ForwardedFrom.slice(0, maxAddressLength));
  // The owner's code gets it, and must not be able to steer a transfer or another agent with it.
  return Object.freeze({
    callSid: callSid.exec(parameters.CallSid ?? '')?.[0],
    parentCallSid: callSid.exec(parameters.ParentCallSid ?? '')?.[0],
    from,
    to,
    caller: Object.freeze(caller),
    called: Object.freeze(parseAddress(to)),
    forwardedFrom: knownNumber(diverting),
    visited: Object.freeze([caller, diverting].flatMap(numbersIn)),
    own: Object.freeze(own),
    parameters: Object.freeze(parameters),
  });
}

/** Every number that an address may stand for: as it is read and, where that is another one, as it was sent. */
function numbersIn(address: Address): readonly string[] {
  const number = dialableNumber(address);
  if (number === undefined) return [];
  return address.kind === 'number' && !isSameNumber(number, address.sent) ? [number, address.sent] : [number];
}

/**
 * The caller id for dialling a person: the caller's number if Twilio allows it (error 13214), else the configured one,
 * else the called number. For a SIP leg Twilio allows neither party's number unless it is the account's, or verified.
 * `undefined` leaves the choice to Twilio.
 */
export function callerIdOf({ caller, called }: Call, configured: string | undefined): string | undefined {
  const callerNumber = 'via' in caller && caller.via === 'phone' ? knownNumber(caller) : undefined;
  return callerNumber ?? configured ?? knownNumber(called);
}
