/** The call that a Twilio voice webhook speaks of; only what is a string in the request is taken over. */
export interface Call {
  /** Twilio's id of the caller's leg; `undefined` when it is missing or not of the documented form. */
  readonly callSid: string | undefined;
  /** Who calls, as Twilio sent it: E.164, `anonymous`, `client:…`, `sip:…`, or empty. */
  readonly from: string;
  /** The called number as Twilio sent it; empty when it is missing. It alone chooses the tenant. */
  readonly to: string;
  /** The number that diverted the call here, when there is one. */
  readonly forwardedFrom: string | undefined;
  /** Every string parameter of the request, for the number table's custom variables. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Reads a webhook's event: never throws, whatever is missing, repeated or hostile in it. */
export function parseCall(event: object): Call {
  const strings = Object.entries(event).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const parameters = Object.fromEntries(strings);
  return {
    callSid: matching(parameters.CallSid, /^CA[0-9A-Za-z]{1,62}$/),
    from: parameters.From ?? '',
    to: parameters.To ?? '',
    forwardedFrom: matching(parameters.ForwardedFrom, /^\+?[0-9]{3,20}$/),
    parameters,
  };
}

function matching(text: string | undefined, pattern: RegExp): string | undefined {
  return pattern.exec(String(text))?.[0];
}

/** What Twilio puts into `From` for callers who hide their number: anonymous, restricted, blocked, unknown, unavailable. */
const placeholders = ['+266696687', '+7378742833', '+2562533', '+8566696', '+86282452253'];

/**
 * The caller id for a dial to a person: the caller's own number, or the called one where Twilio would refuse the
 * caller's (error 13214); `undefined` leaves it to Twilio.
 */
export function callerIdOf({ from, to }: Call): string | undefined {
  const shown = [from, to].filter((number) => /^\+[1-9]\d{6,14}$/.test(number));
  return shown.find((number) => !placeholders.includes(number));
}
