import { describeFound, type Reader, type Variable, variables } from './environment.private';
import { e164, isSameNumber } from './twilio/address.private';
import type { OwnUrl } from './twilio/own-url.private';

/** A phone in the number table: its number in E.164, or the number with how to ring it. */
export type TablePhone =
  | `+${string}`
  | {
      readonly number: `+${string}`;
      /** Seconds that it may ring, 5 to 120 (default: 20). Twilio adds about 5. */
      readonly ringSeconds?: number;
      /** `true` connects the caller once the person has pressed 1, so that a mobile's own voicemail takes no call. */
      readonly confirm?: boolean;
      /** Keys that Twilio presses once the phone has answered, such as `wwww1928`; `w` waits half a second, `W` one. */
      readonly sendDigits?: string;
    };

/** What a caller hears before the route goes on: a sentence, in the number's language and voice, or a file. */
export type TableWord = ({ readonly say: string } | { readonly play: `https://${string}` }) & {
  /** Seconds of silence behind it, 1 to 60 (default: none). */
  readonly waitSeconds?: number;
};

/** One step of a route in the number table; a list of phones rings them at once, up to ten. */
export type TableStep =
  | 'agent'
  | { readonly agent: string }
  | 'voicemail'
  | TableWord
  | TablePhone
  | readonly TablePhone[];

/** A step as the number table or `CALL_ROUTE` writes it. */
export type WrittenStep = TableStep | string;

/** A phone to ring. */
export interface Phone {
  /** In E.164. */
  readonly number: string;
  /** Seconds; Twilio adds about 5. */
  readonly ringSeconds: number;
  readonly confirm: boolean;
  readonly sendDigits: string | undefined;
}

/** Something that is said or played. */
export interface Word {
  readonly verb: 'say' | 'play';
  /** A sentence, or the URL of a file. */
  readonly content: string;
  /** `undefined` for no pause. */
  readonly waitSeconds: number | undefined;
}

/** One step of a route. */
export type Step =
  /** It is no leg: it can't fail, and nobody is reached by it. */
  | { readonly kind: 'word'; readonly word: Word }
  /** `modelId` is `undefined` when no setting names the agent. */
  | { readonly kind: 'agent'; readonly modelId: string | undefined }
  /** Phones that ring at once: at least one. */
  | { readonly kind: 'person'; readonly phones: readonly Phone[] }
  | { readonly kind: 'voicemail' };

/** What a call tries, from left to right. After the last step the message is said. */
export type Route = readonly Step[];

/** Seconds that a person has to answer: short enough that a mobile network's voicemail doesn't answer first. */
const personRingSeconds = 20;
/** Phones that Twilio rings at once (twilio.com/docs/voice/twiml/number). */
const maxPhones = 10;

/** What reading a route needs. */
export interface RouteSource {
  readonly reader: Reader;
  /** The number table's agent, for a step that names none. */
  readonly modelId: string | undefined;
  /** Whether the environment's agent is another workspace's. */
  readonly needsModelId: boolean;
  /** The called number, which no route may ring. */
  readonly called: string;
}

/** What reading a step needs, and what a problem with it says. */
interface StepSource extends RouteSource {
  readonly setting: string;
  /** Such as `step 2 of 3`. */
  readonly place: string;
}

/**
 * Reads the route of this setting. A step or a phone that isn't accepted is left out, and is a problem. If none is
 * left, the route is the agent alone.
 */
export function readRoute(written: readonly WrittenStep[], setting: string, source: RouteSource): Route {
  const route = written.flatMap((step, index) => {
    const place = `step ${index + 1} of ${written.length}`;
    return readStep(step, { ...source, setting, place }) ?? [];
  });
  return route.length > 0 || written.length === 0 ? route : readRoute(['agent'], setting, source);
}

function readStep(step: WrittenStep, source: StepSource): Step | undefined {
  const { reader } = source;
  if (step === 'voicemail') return { kind: 'voicemail' };
  if (step === 'agent') return readAgent(source);
  if (typeof step === 'object' && 'agent' in step) {
    const own = reader.required(inStep(variables.stepAgent, source), step.agent);
    return own === undefined ? undefined : { kind: 'agent', modelId: own };
  }
  if (typeof step === 'object' && ('say' in step || 'play' in step)) return readWord(step, source);
  return readPhones([step].flat(), source);
}

function readAgent({ reader, modelId, needsModelId }: StepSource): Step {
  // An empty text is a missing one.
  const own = modelId ?? (needsModelId ? '' : undefined);
  return { kind: 'agent', modelId: reader.required(variables.modelId, own) };
}

function readPhones(written: readonly (TablePhone | string)[], source: StepSource): Step | undefined {
  const phones = written.flatMap((phone) => readPhone(phone, source) ?? []);
  if (written.length === 0) report(source, 'no phone');
  if (phones.length > maxPhones) report(source, `${phones.length} phones at once`);
  return phones.length === 0 ? undefined : { kind: 'person', phones: phones.slice(0, maxPhones) };
}

function readWord(step: TableWord, source: StepSource): Step | undefined {
  const { reader } = source;
  const [verb, content] =
    'say' in step
      ? (['say', reader.required(inStep(variables.say, source), step.say)] as const)
      : (['play', reader.required(inStep(variables.play, source), step.play)] as const);
  const waitSeconds = reader.optional(inStep(variables.waitSeconds, source), step.waitSeconds);
  return content === undefined ? undefined : { kind: 'word', word: { verb, content, waitSeconds } };
}

function readPhone(phone: TablePhone | string, source: StepSource): Phone | undefined {
  const { number, ringSeconds, confirm = false, sendDigits } = typeof phone === 'object' ? phone : { number: phone };
  if (!e164.test(number)) {
    report(source, describeFound(number));
    return undefined;
  }
  if (isSameNumber(number, source.called)) {
    report(source, 'the called number itself');
    return undefined;
  }
  return {
    number,
    ringSeconds: source.reader.optional(inStep(variables.ringSeconds, source), ringSeconds) ?? personRingSeconds,
    confirm,
    sendDigits: source.reader.optional(inStep(variables.sendDigits, source), sendDigits),
  };
}

/** A field of a step, named by its place. */
function inStep<T>(variable: Variable<T>, { place }: StepSource): Variable<T> {
  return { ...variable, field: `${variable.field} (${place})` };
}

function report({ reader, setting, place }: StepSource, found: string): void {
  const { callRoute, closedRoute } = variables;
  const { accepts } = setting === callRoute.name ? callRoute : closedRoute;
  reader.report(setting, accepts, `${found} as ${place}`);
}

/** A phone with the default ring timeout, without a key to press. */
export function plainPhone(number: string): Phone {
  return { number, ringSeconds: personRingSeconds, confirm: false, sendDigits: undefined };
}

/** Every phone of a route. */
export function phonesOf(route: Route): readonly Phone[] {
  return route.flatMap((step) => (step.kind === 'person' ? step.phones : []));
}

/**
 * The step that one of our URLs names. One that names none, or a step that the route doesn't have, counts as the last
 * step, so that a request we can't place never rings somebody twice.
 */
export function stepOf({ step }: OwnUrl, route: Route): number {
  const last = route.length - 1;
  return Math.min(step ?? last, last);
}
