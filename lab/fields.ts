import { parseCaller } from '../src/assets/twilio/address.private';
import { isCallable, withoutSeparators } from '../tools/check/describe-number';
import { type At, readAt } from '../tools/check/routes';
import { labNumbers } from './scenarios';
import { voiceParameters } from './twilio/webhook';

/** What somebody writes about a call, field by field; an empty text leaves it to the scenario. */
export interface CallFields {
  readonly caller: string;
  readonly called: string;
  readonly forwardedFrom: string;
  /** One `Name=value` a line. */
  readonly parameters: string;
  readonly at: string;
}

/** A call that was understood. */
export interface CallDetails {
  readonly caller?: string;
  readonly called?: string;
  readonly forwardedFrom?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly at?: At;
}

/** A field that was not: what it takes, and what was found. */
export interface FieldProblem {
  readonly field: keyof CallFields;
  readonly problem: string;
}

/** Callers that aren't an ordinary phone, by the name that `--from` takes. */
export const presets: Readonly<Record<string, Pick<CallDetails, 'caller' | 'forwardedFrom'>>> = {
  withheld: { caller: 'anonymous' },
  sip: { caller: 'sip:1001@acme.sip.twilio.com' },
  whatsapp: { caller: `whatsapp:${labNumbers.caller}` },
  diverted: { forwardedFrom: labNumbers.person },
};

/** Reads what somebody wrote about a call; the first field that can't be understood is a problem. */
export function readFields(fields: CallFields): CallDetails | FieldProblem {
  const caller = withoutSeparators(fields.caller);
  const called = withoutSeparators(fields.called);
  const forwardedFrom = withoutSeparators(fields.forwardedFrom);
  const problem = (field: keyof CallFields, accepts: string): FieldProblem => ({
    field,
    problem: `expected ${accepts}; found "${fields[field].slice(0, 60)}"`,
  });
  const preset = Object.hasOwn(presets, caller) ? presets[caller] : undefined;
  if (caller !== '' && preset === undefined && !isAddress(caller)) {
    return problem('caller', `a phone number, an address such as sip:…, or ${Object.keys(presets).join(', ')}`);
  }
  if (called !== '' && !isCallable(called)) {
    return problem('called', 'a phone number such as +15550100100, or a SIP address with a user');
  }
  if (forwardedFrom !== '' && !isAddress(forwardedFrom))
    return problem('forwardedFrom', 'a phone number or a SIP address');
  const at = readAt(fields.at.trim());
  if (fields.at.trim() !== '' && at === undefined) return problem('at', 'a time such as 2026-12-25T10:00');
  const lines = fields.parameters.split('\n').filter((line) => line.trim() !== '');
  const read = lines.map((line) => /^\s*([A-Za-z]\w*)=(.*)/.exec(line) ?? []);
  if (read.some(([, name = 'CallSid']) => fixedNames.includes(name))) {
    return problem('parameters', 'Name=value, one a line, and none of the names that every call has');
  }
  const parameters = Object.fromEntries(read.map(([, name = '', value = '']) => [name, value.trim()]));
  return {
    ...(caller !== '' && preset === undefined && { caller }),
    ...(forwardedFrom !== '' && { forwardedFrom }),
    ...preset,
    ...(called !== '' && { called }),
    ...(lines.length > 0 && { parameters }),
    ...(at !== undefined && { at }),
  };
}

/** Names that other fields, or the call itself, decide about. */
const fixedNames = [...Object.keys(voiceParameters('', '')), 'ForwardedFrom'];

const isAddress = (text: string): boolean => text.length <= 256 && parseCaller(text).kind !== 'unreadable';
