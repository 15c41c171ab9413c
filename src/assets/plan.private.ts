import type { Reason } from './log.private';
import { type Phone, phonesOf, type Route, type Step, type Word } from './route.private';
import type { ApiSettings, Rules, Settings } from './settings.private';
import type { Destination } from './synthflow/trunk.private';
import { dialableNumber, isSameNumber } from './twilio/address.private';
import type { Call } from './twilio/call.private';

/** An agent that can be reached. */
export interface PlannedAgent {
  readonly kind: 'agent';
  readonly modelId: string;
  readonly api: ApiSettings;
  readonly destination: Destination;
}

/** A step of the route as one call finds it. */
export type PlannedStep =
  | PlannedAgent
  | { readonly kind: 'person'; readonly phones: readonly Phone[] }
  | { readonly kind: 'voicemail' }
  | { readonly kind: 'word'; readonly word: Word }
  /** An agent that can't be reached, or a phone where the call has been, which gives no reason. */
  | { readonly kind: 'unusable'; readonly reason: Reason | undefined };

/** Everything that decides what one call gets: the settings of the called number, and where the call has been. */
export interface Plan extends Rules {
  readonly route: Route;
  /** The steps of the route, at the same places. */
  readonly steps: readonly PlannedStep[];
  /** Numbers where the call has been: a phone that forwards here would be busy, or forward again. */
  readonly visited: readonly string[];
}

/** The plan of a call with the settings of its called number. */
export function planOf(settings: Settings, call: Call): Plan {
  const { route, rules } = settings;
  const { visited } = call;
  const agent = agentOf(settings, call);
  const planned = (step: Step): PlannedStep => {
    if (step.kind === 'voicemail' || step.kind === 'word') return step;
    if (step.kind === 'person') return withoutVisited(step.phones, visited);
    if (agent.kind === 'unusable') return agent;
    return step.modelId === undefined
      ? { kind: 'unusable', reason: 'misconfigured' }
      : { ...agent, modelId: step.modelId };
  };
  // A phone may be in both routes of its number: the entry in the route that this call takes comes first.
  const transferTargets = [...phonesOf(route), ...rules.transferTargets];
  return { ...rules, transferTargets, route, steps: route.map(planned), visited };
}

type UnusableStep = Extract<PlannedStep, { kind: 'unusable' }>;

function agentOf({ api, trunk }: Settings, call: Call): Omit<PlannedAgent, 'modelId'> | UnusableStep {
  if (api === undefined || trunk === undefined) return { kind: 'unusable', reason: 'misconfigured' };
  const number = trunk.dialNumber ?? dialableNumber(call.called);
  if (number !== undefined) return { kind: 'agent', api, destination: { ...trunk, number } };
  // A form that was not encoded has a blank where the plus was.
  const hasBlank = /^ \d/.test(call.to);
  return { kind: 'unusable', reason: hasBlank ? 'unencoded_plus' : 'invalid_request' };
}

function withoutVisited(phones: readonly Phone[], visited: readonly string[]): PlannedStep {
  const others = phones.filter(({ number }) => !visited.some((one) => isSameNumber(one, number)));
  return others.length > 0 ? { kind: 'person', phones: others } : { kind: 'unusable', reason: undefined };
}
