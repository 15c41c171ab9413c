import { parseJson } from '../../tools/text';
import { type CallDetails, type FieldProblem, readFields } from '../fields';
import { isScenarioName, type ScenarioName } from '../scenarios';

/** A call that the page asks for. */
export interface PlaceRequest extends CallDetails {
  readonly scenario: ScenarioName;
  readonly cold: boolean;
}

/** What is wrong with a request, where no field of the form is to blame. */
export type RequestProblem = FieldProblem | { readonly field: 'scenario'; readonly problem: string };

/** Reads the body of a request for a call; returns the problem if it can't be read. */
export function parsePlaceRequest(text: string): PlaceRequest | RequestProblem {
  const json = parseJson(text);
  if (json === undefined) return { field: 'scenario', problem: 'expected JSON' };
  const body: Record<string, unknown> = Object(json);
  const textOf = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
  const scenario = textOf('scenario');
  if (!isScenarioName(scenario)) return { field: 'scenario', problem: 'expected one of the list' };
  const read = readFields({
    caller: textOf('caller'),
    called: textOf('called'),
    forwardedFrom: textOf('forwardedFrom'),
    parameters: textOf('parameters'),
    at: textOf('at'),
  });
  return 'problem' in read ? read : { ...read, scenario, cold: body.cold === true };
}

/** Whether the body says that it is JSON; a browser asks for permission before it sends that from another site. */
export function isJson(contentType: string | undefined): boolean {
  return /^application\/json *(;|$)/i.test(contentType ?? '');
}
