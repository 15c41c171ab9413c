import { e164, parseAddress } from '../../src/assets/twilio/address.private';
import { partiesOf, scenarios } from '../scenarios';

/** A call that the page asks for. */
export interface PlaceRequest {
  readonly scenario: keyof typeof scenarios;
  readonly caller: string;
  readonly called: string;
  readonly cold: boolean;
}

/** Reads the body of a request for a call; returns what is wrong with it where it can't be read. */
export function parsePlaceRequest(text: string): PlaceRequest | string {
  let body: Record<string, unknown>;
  try {
    body = Object(JSON.parse(text));
  } catch {
    return 'expected JSON';
  }
  const name = Object.keys(scenarios).find((known): known is keyof typeof scenarios => known === body.scenario);
  if (name === undefined) return 'Scenario: expected one of the list';
  const parties = partiesOf(scenarios[name]);
  const { caller = parties.caller, called = parties.called, cold } = body;
  if (typeof caller !== 'string' || caller.length > 128) return 'Caller: expected a text of at most 128 characters';
  if (typeof called !== 'string' || !isCallable(called)) {
    return 'Called number: expected a number in E.164, such as +15550100100, or a SIP address';
  }
  return { scenario: name, caller, called, cold: cold === true };
}

function isCallable(called: string): boolean {
  const address = parseAddress(called);
  // Stryker disable next-line ConditionalExpression: an address of another kind has no number.
  return address.kind === 'sip' || (address.kind === 'number' && e164.test(address.number));
}

/** Whether a request may talk to the lab: a page of another site may not, whatever name it gives this machine. */
export function isOwnHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost):\d+$/.test(host ?? '');
}

/** Whether the body says that it is JSON; a browser asks for permission before it sends that from another site. */
export function isJson(contentType: string | undefined): boolean {
  return /^application\/json *(;|$)/i.test(contentType ?? '');
}
