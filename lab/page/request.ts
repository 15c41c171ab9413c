import { e164 } from '../../src/assets/twilio/address.private';
import { labNumbers, scenarios } from '../scenarios';

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
  const { scenario, caller = labNumbers.caller, called = labNumbers.called, cold = false } = body;
  const name = Object.keys(scenarios).find((known): known is keyof typeof scenarios => known === scenario);
  if (name === undefined) return 'Scenario: expected one of the list';
  if (typeof caller !== 'string' || caller.length > 128) return 'Caller: expected a text of at most 128 characters';
  if (typeof called !== 'string' || !e164.test(called)) {
    return 'Called number: expected a number in E.164, such as +15550100100';
  }
  return { scenario: name, caller, called, cold: cold === true };
}

/** Whether a request may talk to the lab: a page of another site may not, whatever name it gives this machine. */
export function isOwnHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost):\d+$/.test(host ?? '');
}

/** Whether the body says that it is JSON; a browser asks for permission before it sends that from another site. */
export function isJson(contentType: string | undefined): boolean {
  return /^application\/json *(;|$)/i.test(contentType ?? '');
}
